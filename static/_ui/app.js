// The script of every page: shared behaviours, text size, privacy.
import { attach } from "./attach.js";
import { connect as fillChip } from "./fill-chip.js";
import { connect as keypad } from "./keypad.js";
import { connect as offlineLine } from "./offline-line.js";
import { connect as refetch } from "./refetch.js";
import { connectOpener, connect as sheet } from "./sheet.js";
import { connect as singleTap } from "./single-tap.js";
import { followTextScale } from "./text-scale.js";
import { watchPrivacy } from "./veil.js";

followTextScale();
watchPrivacy(document);
attach({
  "fill-chip": fillChip,
  keypad,
  "offline-line": offlineLine,
  "open-sheet": connectOpener,
  refetch,
  sheet,
  "single-tap": singleTap,
});
