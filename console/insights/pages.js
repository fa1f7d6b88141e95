// @ts-check
/** The pages there are, in the order of the navigation. */

import { campaigns } from "./pages/campaigns.js";
import { cohort } from "./pages/cohort.js";
import { events } from "./pages/events.js";
import { funnel } from "./pages/funnel.js";
import { heat } from "./pages/heat.js";
import { reactivation } from "./pages/reactivation.js";

export const PAGES = [heat, events, funnel, cohort, campaigns, reactivation];
