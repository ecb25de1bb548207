// Small comforts on top of pages that work without any script. Each module looks for its own data attributes.
import { conditions } from "../../forms/assets/conditions.js";
import { autosave } from "./js/autosave.js";
import { bell } from "./js/bell.js";
import { bulk } from "./js/bulk.js";
import { diagrams } from "./js/diagrams.js";
import { fileSizes } from "./js/file_sizes.js";
import { foldNarrow } from "./js/fold_narrow.js";
import { keys } from "./js/keys.js";
import { listPlace } from "./js/list_place.js";
import { mentions } from "./js/mentions.js";
import { menus } from "./js/menus.js";
import { onceOnly } from "./js/once_only.js";
import { people } from "./js/people.js";
import { phrases } from "./js/phrases.js";
import { previews } from "./js/previews.js";
import { rows } from "./js/rows.js";
import { signaturePad } from "./js/signature_pad.js";
import { startingFocus } from "./js/starting_focus.js";
import { tabs } from "./js/tabs.js";
import { ticks } from "./js/ticks.js";
import { unsavedWarning } from "./js/unsaved_warning.js";

for (const install of [menus, bell, foldNarrow, conditions, rows, startingFocus, fileSizes, unsavedWarning, autosave, onceOnly, bulk, tabs, ticks, listPlace, keys, diagrams, previews, phrases, signaturePad, people, mentions]) {
  install(document);
}
