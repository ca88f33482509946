import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { UsageError } from "../command-line/usage-error.js";
import { FUNCTIONS } from "./functions.js";
import { Template } from "./template.js";
import { valueOf, View, type Value } from "./value.js";

const DATA = valueOf({
  Name: "web",
  Size: 1500000,
  Ratio: 0.25,
  On: true,
  Off: false,
  Nothing: null,
  Env: ["A=1", "B=2"],
  None: [],
  Labels: { b: "2", a: "1" },
  Networks: { one: { IP: "10.0.0.1" }, two: { IP: "10.0.0.2" } },
  Ports: [{ Host: 80 }, { Host: 443 }],
});

function render(source: string, data: Value = DATA): string {
  return new Template(source, { escapes: false }).render(data);
}

/** With a name that is short enough to be one. */
function named([source = "", message = ""]: readonly string[]): [string, string, string] {
  return [source.slice(0, 60), source, message];
}

describe("a template", () => {
  test.each([
    ["text alone", "a }} b"],
    ["a field", "{{.Name}}", "web"],
    ["blanks in an action", "{{ .Name }}", "web"],
    ["lines in an action", "{{\n.Name\n}}", "web"],
    ["a path", "{{.Networks.two.IP}}", "10.0.0.2"],
    ["everything", "{{len .}}", "11"],
    ["the root", "{{range .Ports}}{{$.Name}}{{.Host}},{{end}}", "web80,web443,"],
    ["the root by itself", "{{with .Name}}{{len $}}{{end}}", "11"],
    ["a number", "{{.Size}}", "1500000"],
    ["truth", "{{.On}}", "true"],
    ["a list", "{{.Env}}", "[A=1 B=2]"],
    ["a map, in the order of its names", "{{.Labels}}", "map[a:1 b:2]"],
    ["nothing", "{{.Nothing}}", "<no value>"],
    ["nothing in a list", "{{.}}", "[<nil>]", [null]],
    [
      "literals",
      '{{"a\\tb\\x41\\u00e9\\101\\n"}}{{`raw\\n`}}{{-3}}{{1.50}}{{0x10}}{{1e3}}{{true}}',
      "a\tbAéA\nraw\\n-31.5161000true",
    ],
    ["trimmed blanks", "a \n{{- .Name -}}\n b", "awebb"],
    ["blanks trimmed on one side", "a {{.Name -}} b {{- .Name}} c", "a webbweb c"],
    ["a comment", "a{{/* {{ }} */}}b", "ab"],
    ["a comment that trims", "a {{- /* c */ -}} b", "ab"],
    ["a variable", "{{$x := .Name}}{{$x}}{{$x := 2}}{{$x}}", "web2"],
    ["a field of a variable", "{{$x := .Networks}}{{$x.one.IP}}", "10.0.0.1"],
    ["a variable that is set", "{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"],
    ["a variable that ends with its block", "{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"],
    ["a variable in a loop", '{{$all := ""}}{{range .Env}}{{$all = print $all .}}{{end}}{{$all}}', "A=1B=2"],
    ["a pipe", '{{.Name | printf "%s-%s" "a" | upper}}', "A-WEB"],
    ["parentheses", '{{(index .Ports 1).Host}}{{len (split "a,b" ",")}}', "4432"],
    ["if", "{{if .On}}a{{end}}{{if .Off}}b{{end}}{{if .None}}c{{else}}d{{end}}", "ad"],
    ["else if", "{{if .Off}}a{{else if .None}}b{{else if .Env}}c{{else}}d{{end}}", "c"],
    ["else after else if", "{{if .Off}}a{{else if .None}}b{{else}}d{{end}}", "d"],
    ["a variable of an if", "{{if $x := .Name}}{{$x}}{{end}}{{if $x := .None}}{{else}}{{len $x}}{{end}}", "web0"],
    ["range over a list", "{{range .Env}}[{{.}}]{{end}}", "[A=1][B=2]"],
    ["range over a map", "{{range .Networks}}{{.IP}} {{end}}", "10.0.0.1 10.0.0.2 "],
    ["range with places", "{{range $i, $x := .Env}}{{$i}}{{$x}},{{end}}", "0A=1,1B=2,"],
    ["range with names", "{{range $k, $v := .Labels}}{{$k}}={{$v}} {{end}}", "a=1 b=2 "],
    ["range with one variable", "{{range $x := .Env}}{{$x}}{{.}}{{end}}", "A=1A=1B=2B=2"],
    ["range over nothing", "{{range .None}}a{{else}}b{{end}}{{range .Nothing}}a{{else}}c{{end}}", "bc"],
    ["with", "{{with .Networks.one}}{{.IP}}{{end}}{{with .None}}a{{else}}{{.Name}}{{end}}", "10.0.0.1web"],
    ["else with", "{{with .None}}a{{else with .Name}}{{.}}{{end}}", "web"],
    ["what decides alone", "{{and .Off .Missing}}{{or .Name .Missing}}", "falseweb"],
  ] as [string, string, string?, Value?][])("%s", (_, source, text = source, data = DATA) => {
    expect(render(source, data)).toBe(text);
  });

  // What Docker 28.2 makes of the same.
  test.each([
    [
      '{{printf "%5s|%-5s|%05d|%q|%t|%x|%v|%x|%X" "ab" "cd" 42 "q\\"" true "hi" 3 255 255}}',
      '   ab|cd   |00042|"q\\""|true|6869|3|ff|FF',
    ],
    ['{{pad "x" 2 3}}|{{truncate "abcdef" 3}}|{{title "hello world"}}', "  x   |abc|Hello World"],
    ['{{split "a,b" ","}}|{{len "é"}}|{{slice "abcdef" 1 3}}|{{index (split "a,b" ",") 1}}', "[a b]|2|bc|b"],
    ['{{print 1 2 "a" "b" 3}}|{{println "a" 1}}|{{print "a" 1 "b"}}', "1 2ab3|a 1\n|a1b"],
    ["{{lt 1 2}}{{and 1 0}}{{or 0 `x`}}{{not 0}}", "true0xtrue"],
    ['{{printf "%5.2f|%v" 3.14159 nil}}', " 3.14|<nil>"],
    ['{{printf "%v|%s|%q" (split "a,b" ",") (split "a,b" ",") (split "a,b" ",")}}', '[a b]|[a b]|["a" "b"]'],
    ['{{printf "%-8s|" "é"}}|{{printf "%+d" 3}}|{{printf "%x" -3}}|{{printf "%%"}}', "é       ||+3|-3|%"],
    ['{{slice (split "a,b,c" ",") 1}}', "[b c]"],
    ['{{eq "x" "y" "x"}}{{ne 1 2}}{{le 2 2}}{{gt 2 3}}{{ge 3 2}}', "truetruetruefalsetrue"],
    ["{{3 | print 4}}", "4 3"],
    ['{{range split "" ","}}[{{.}}]{{else}}none{{end}}', "[]"],
    ['{{json "a\\u2028<"}}', '"a\\u2028<"'],
  ])("%s", (source, text) => {
    expect(render(source)).toBe(text);
  });

  test.each([
    ["{{json .}}", JSON.stringify({ a: [1, null, true, "\u001b"], b: {} }), { a: [1, null, true, "\u001b"], b: {} }],
    ["{{json .a}}", "[1]", { a: [1] }],
    ['{{join .Env ","}}', "A=1,B=2", DATA],
    ['{{index .Labels "a"}}|{{index .Labels "none"}}|{{index .Networks "none"}}', "1||<no value>", DATA],
    ['{{index .Networks "one" "IP"}}', "10.0.0.1", DATA],
    ["{{printf `%.2s|%6.2f|%06d|%-4d|% d` .Name .Ratio -42 7 8}}", "we|  0.25|-00042|7   | 8", DATA],
    [
      "{{printf `%q %q` .a .b}}",
      String.raw`"a\n\x1b\u200e\U000e0001" "é🦆"`,
      { a: "a\n\u001b\u200e\u{e0001}", b: "é🦆" },
    ],
  ] as [string, string, Value][])("%s is %s", (source, text, data) => {
    expect(render(source, data)).toBe(text);
  });

  test("takes \\t and \\n in its text for what they stand for, where that is wanted", () => {
    expect(new Template('{{.Name}}\\t{{"\\\\n"}}\\n', { escapes: true }).render(DATA)).toBe("web\t\\n\n");
    expect(render("{{.Name}}\\t")).toBe("web\\t");
  });

  test.each(
    [
      ["a{{", 'the template, at character 2, "{{": an action that is not closed with }}'],
      ["{{.Name", "not closed with }}"],
      ["{{}}", "a value is missing"],
      ["{{if}}{{end}}", "a value is missing"],
      ["{{foo .Name}}", "there is no function foo"],
      ["{{constructor}}", "there is no function constructor"],
      ["{{if .Name}}a", 'at character 3, "if .Name}}a": if without its {{end}}'],
      ["{{range .Env}}{{else}}a", "range without its {{end}}"],
      ["a{{end}}", '"end" is not expected here'],
      ["{{else}}", '"else" is not expected here'],
      ["{{if .On}}{{else}}{{else}}{{end}}", '"else" is not expected after else'],
      ["{{if .On}}{{end .}}", '"." is not expected after end'],
      ["{{$y}}", "there is no variable $y"],
      ["{{$x := $x}}", "there is no variable $x"],
      ["{{if $x := 1}}{{end}}{{$x}}", "there is no variable $x"],
      ["{{$x = 1}}", "there is no variable $x"],
      ["{{$ := 1}}", "$ cannot be set"],
      ["{{$a, $b := .Env}}", "too many variables"],
      ["{{range $a, $b, $c := .Env}}{{end}}", "too many variables"],
      ["{{nil}}", "nil is nothing to do"],
      ['{{"a" "b"}}', "the value before it takes nothing"],
      ['{{.Name | "b"}}', "cannot stand behind |"],
      ["{{.Name |}}", "}} is not expected beside |"],
      ["{{| .Name}}", '"|" is not expected beside |'],
      ["{{(.Name}}", "}} is not expected here"],
      ["{{.Name)}}", '")" is not expected here'],
      ["{{()}}", "a value is missing"],
      ["{{.Name-}}", '- cannot follow ".Name"'],
      ["{{..Name}}", '"Name" is not expected after a dot'],
      ['{{.Name"x"}}', '" cannot follow'],
      ["{{010}}", "cannot follow"],
      ["{{1e999}}", "too large"],
      ["{{'a'}}", "' cannot stand in an action"],
      ['{{"a}}', "a string that is not closed"],
      ['{{"\\z"}}', "an escape that does not exist"],
      ['{{"\\xff"}}', "an escape that does not exist"],
      ['{{"\\ud800"}}', "an escape that does not exist"],
      ["{{/* a }}", "a comment that is not closed"],
      ["{{/* a */ }}", "a comment ends with"],
      ['{{template "x"}}', "template is not known here"],
      ["{{range .Env}}{{break}}{{end}}", "break is not known here"],
      [`${"{{if .On}}".repeat(101)}${"{{end}}".repeat(101)}`, "more than 100 levels"],
      [`{{${"(".repeat(101)}.${")".repeat(101)}}}`, "more than 100 parentheses"],
      [`{{if .A}}${"{{else if .A}}".repeat(10_000)}{{end}}`, "more than 100 levels"],
    ].map(named),
  )("%s cannot be read", (_, source, message) => {
    const read = (): unknown => new Template(source, { escapes: true });
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
  });

  test.each(
    [
      ["{{.Foo}}", 'the template, at character 3, ".Foo}}": there is no field "Foo"'],
      ["{{.Networks.one.Foo}}", 'at character 16, ".Foo}}": there is no field "Foo"'],
      ["{{.Name.Foo}}", '"web" has no field "Foo"'],
      ["{{.Nothing.Foo}}", 'nothing has no field "Foo"'],
      ["{{.Env.length}}", 'a list has no field "length"'],
      ["{{.constructor}}", 'no field "constructor"'],
      ["{{.__proto__}}", 'no field "__proto__"'],
      ["{{.Labels.toString}}", 'no field "toString"'],
      ["{{.Name.length}}", 'no field "length"'],
      ["{{.Name .Name}}", "a value takes no arguments"],
      ["{{(.Name) 1}}", "a value takes no arguments"],
      ["{{range .Name}}{{end}}", "range goes through a list or a map"],
      ["{{eq 1 `a`}}", 'eq: 1 cannot be compared with "a"'],
      ["{{eq .Env .Env}}", "a list cannot be compared"],
      ["{{lt true false}}", "cannot be compared"],
      ["{{eq 1}}", "eq: it takes at least 2, not 1"],
      ["{{not}}", "not: it takes 1, not 0"],
      ["{{len 3}}", "len: 3 has no length"],
      ["{{index .Env 2}}", "there is no 2 in a list of 2"],
      ["{{index .Env -1}}", "-1 is no position"],
      ["{{index .Env `length`}}", '"length" is no position'],
      ["{{index .Labels 1}}", "the items of a map have names"],
      ["{{index nil 1}}", "nothing has no items"],
      ["{{slice .Name 2 1}}", "there is nothing from 2 to 1 of 3"],
      ["{{slice .Name 9}}", "there is nothing from 9 to 3 of 3"],
      ["{{lower 3}}", "lower: it takes a text, not 3"],
      ['{{join .Name ","}}', 'it takes a list, not "web"'],
      ['{{join .Ports ","}}', "it joins texts, not a map"],
      ["{{pad .Name 1000000000 0}}", "too many"],
      ["{{truncate .Name -1}}", "no number of characters"],
      ["{{printf 1}}", "its first argument is a text"],
      ['{{printf "%d" .Name}}', '%d cannot show "web"'],
      ['{{printf "%s"}}', "there is nothing for %s"],
      ['{{printf "a" 1}}', "nothing takes 1"],
      ['{{printf "%y" 1}}', "%y is not known"],
      ['{{printf "%" 1}}', "% is not known"],
      ['{{printf "%99999999s" "a"}}', "99999999 is too wide"],
      ['{{printf "%.101f" 1.5}}', "101 is too wide"],
      [
        '{{$x := "aaaaaaaaaaaaaaaa"}}{{range split (printf "%40s" "") ""}}{{$x = print $x $x}}{{end}}',
        "a text that is too long",
      ],
      [`{{$l := split (printf "%4096s" "") ""}}{{range $l}}{{range $l}}{{end}}{{end}}`, "this goes on for too long"],
    ].map(named),
  )("%s asks for what is not there", (_, source, message) => {
    const template = new Template(source, { escapes: true });
    expect(() => template.render(DATA)).toThrow(UsageError);
    expect(() => template.render(DATA)).toThrow(message);
  });

  test("says what fields there are", () => {
    const template = new Template("{{.C}}", { escapes: true });
    expect(() => template.render({ b: 1, a: 2 })).toThrow(expect.objectContaining({ hint: "there are a, b" }));
  });

  test("a name from outside that JavaScript knows is a name like any other", () => {
    expect(render("{{.__proto__}}{{range $k, $v := .}}{{$k}}{{end}}", valueOf(JSON.parse('{"__proto__":"a"}')))).toBe(
      "a__proto__",
    );
  });
});

describe("a view", () => {
  const view = new View({ Long: "x", Label: (word) => `<${word}>` }, { Short: 1 });

  test("is shown as what it stands for, and has names of its own", () => {
    expect(render("{{.Long}} {{json .}} {{.}}", view)).toBe('x {"Short":1} map[Short:1]');
    expect(render("{{json .}} {{range .}}{{.Long}}{{end}}", [view])).toBe('[{"Short":1}] x');
  });

  test("has fields that take a word", () => {
    expect(render('{{.Label "a"}}{{"b" | .Label}}', view)).toBe("<a><b>");
  });

  test.each([
    ["{{.Label}}", "this field takes one word"],
    ["{{.Label 1}}", "this field takes one word"],
    ['{{.Label "a" "b"}}', "this field takes one word"],
    ["{{.Label.x}}", "the field before it takes a word"],
    ["{{.constructor}}", 'no field "constructor"'],
    ["{{.Short}}", 'no field "Short"'],
  ])("%s is refused", (source, message) => {
    expect(() => render(source, view)).toThrow(message);
  });
});

test("titles are left as they are, and go as far as they can", () => {
  const titles = (source: string): string =>
    new Template(source, { escapes: true }).renderTitles({ Name: "NAME", ID: "CONTAINER ID" });
  expect(titles("{{.Name}}\\t{{json .ID}}\\t{{lower .ID}}\\t{{truncate .ID 3}}")).toBe(
    "NAME\tCONTAINER ID\tCONTAINER ID\tCONTAINER ID",
  );
  expect(titles('{{.Name}}\\t{{index (split .ID ":") 1}}')).toBe("NAME\t");
});

describe("whatever the template", () => {
  const piece = fc.constantFrom(
    ...["{{", "}}", "{{-", "-}}", " ", "(", ")", "|", ":=", "=", ",", "$x", "$", ".", ".Name", ".Env", ".Labels"],
    ...["if ", "else", "end", "range ", "with ", "true", "nil", "1", "-2", '"a"', "`b`", "/*", "*/", "\\n", "\n"],
    ...[...FUNCTIONS.keys()].map((name) => `${name} `),
  );
  const shape = fc.letrec<{ nodes: string; pipe: string }>((tie) => ({
    pipe: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(".", ".Name", ".Env", ".Labels.a", "$", "$x", "1", "-1", "4096", "nil", "true", '"%5d %q"', '""'),
      fc
        .tuple(fc.constantFrom(...FUNCTIONS.keys()), fc.array(tie("pipe"), { maxLength: 3 }))
        .map(([name, args]) => `(${[name, ...args].join(" ")})`),
      fc.tuple(tie("pipe"), tie("pipe")).map(([a, b]) => `(${a} | ${b})`),
    ),
    nodes: fc.oneof(
      { maxDepth: 4 },
      tie("pipe").map((pipe) => `{{${pipe}}}`),
      tie("pipe").map((pipe) => `{{$x := ${pipe}}}`),
      fc
        .tuple(fc.constantFrom("if", "range", "with", "range $i, $x :="), tie("pipe"), tie("nodes"), tie("nodes"))
        .map(([word, pipe, body, other]) => `{{$x := 1}}{{${word} ${pipe}}}${body}{{else}}${other}{{end}}`),
      fc.tuple(tie("nodes"), tie("nodes")).map(([a, b]) => `${a}-${b}`),
    ),
  }));
  const source = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join("")),
    fc.array(piece, { maxLength: 12 }).map((pieces) => `{{${pieces.join(" ")}}}`),
    shape.nodes,
  );

  /** What became of it; fails for anything but a text or a usage error. */
  function outcome(text: string, data: unknown): "text" | "refused" {
    try {
      const rendered = new Template(text, { escapes: true }).render(valueOf(data));
      expect(typeof rendered).toBe("string");
      return "text";
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      return "refused";
    }
  }

  test("it is read or refused, never anything else", () => {
    const seen = new Map<string, number>();
    const data = fc.oneof(fc.jsonValue(), fc.constant(DATA));
    fc.assert(
      fc.property(source, data, (text, value) => {
        const result = outcome(text, value);
        seen.set(result, (seen.get(result) ?? 0) + 1);
      }),
      { numRuns: 3000 },
    );
    // Templates of which none could be read would have shown nothing.
    expect(seen.get("text")).toBeGreaterThan(300);
    expect(seen.get("refused")).toBeGreaterThan(300);
  });

  test("a text without actions is itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        fc.pre(!text.includes("{{"));
        expect(render(text)).toBe(text);
      }),
    );
  });

  test("any value comes back out of json as it was", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(render("{{json .}}", valueOf(value)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("any name that a map has of its own can be asked for, and no other one", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }), fc.string(), (map, name) => {
        const own = JSON.stringify(Object.hasOwn(map, name) ? map[name] : "");
        expect(render("{{json (index .map .name)}}", valueOf({ map, name }))).toBe(own);
      }),
    );
  });
});
