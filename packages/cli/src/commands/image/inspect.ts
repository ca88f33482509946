import type { ImageDetails } from "@voiyd/runtime-api";
import { View, valueOf } from "../../template/value.js";
import { fieldsOf } from "../listing.js";
import { dockerNames } from "./docker-names.js";
import type { Command } from "../command.js";
import { showDetails } from "../details.js";
import { DETAIL_FORMAT_OPTION, readDetailFormat } from "../format.js";
import { imageNamed } from "./names.js";

/** `voiyd image inspect`. */
export const inspect: Command = {
  usage: "image inspect [OPTIONS] IMAGE [IMAGE...]",
  summary: "Show everything about images, as JSON",
  options: {
    format: DETAIL_FORMAT_OPTION,
    platform: { kind: "value", value: "PLATFORM", help: "what is here for this platform, as linux/arm64" },
  },
  operands: [1, Infinity],
  async execute(context) {
    const { args, runtime, signal } = context;
    const format = readDetailFormat(args);
    const platform = args.value("platform");
    const options = { signal, ...(platform === undefined ? {} : { platform }) };
    const connected = await runtime();
    const outcomes = await Promise.allSettled(
      args.operands.map(async (operand) =>
        connected.inspectImage(await imageNamed(connected, operand, signal), options),
      ),
    );
    signal.throwIfAborted();
    return showDetails(outcomes, format, imageView, context);
  },
};

/** Docker's names beside those of the JSON, which begin with small letters. */
export function imageView(image: ImageDetails): View {
  return new View({ ...fieldsOf(image), ...dockerNames(image) }, valueOf(image));
}
