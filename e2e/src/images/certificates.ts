import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execute } from "@voiyd/harness";

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate for loopback that signs itself. */
export async function selfSigned(folder: string, name: string): Promise<CertificateFiles> {
  const [cert, key, config] = [`${name}.crt`, `${name}.key`, `${name}.cnf`].map((file) => join(folder, file));
  if (cert === undefined || key === undefined || config === undefined) throw new Error("no names");
  const lines = [
    "[req]",
    "distinguished_name = dn",
    "x509_extensions = ext",
    "prompt = no",
    "[dn]",
    `CN = ${name}`,
    "[ext]",
    "subjectAltName = IP:127.0.0.1",
    "basicConstraints = critical,CA:TRUE",
  ];
  await writeFile(config, `${lines.join("\n")}\n`);
  await execute("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
    ...["-config", config, "-keyout", key, "-out", cert],
  ]);
  return { cert, key };
}
