/** Every migration, in order. A list and not a folder scan: the processes are bundled. Forward only; never change one that was released. */
import type { Migration } from 'kysely/migration'
import { up as spine } from './001-spine.ts'
import { up as motion } from './002-motion.ts'
import { up as drafts } from './003-drafts.ts'
import { up as probeResults } from './004-probe-results.ts'
import { up as triggers } from './005-triggers.ts'
import { up as steps } from './006-steps.ts'
import { up as jobBoard } from './007-job-board.ts'
import { up as runHistory } from './008-run-history.ts'
import { up as rehearsal } from './009-rehearsal.ts'
import { up as characteristics } from './010-characteristics.ts'
import { up as hosts } from './011-hosts.ts'
import { up as cancelling } from './012-cancelling.ts'
import { up as flowTestRule } from './013-flow-test-rule.ts'
import { up as connections } from './014-connections.ts'
import { up as templates } from './016-templates.ts'
import { up as panel } from './017-panel.ts'
import { up as versionsAndAudit } from './018-versions-and-audit.ts'
import { up as environment } from './019-environment.ts'
import { up as panelLayouts } from './020-panel-layouts.ts'
import { up as templateExports } from './021-template-exports.ts'
import { up as panelOfAShift } from './022-panel-of-a-shift.ts'
import { up as marksAndTold } from './023-marks-and-told.ts'
import { up as panelsOfTemplates } from './025-panels-of-templates.ts'
import { up as quality } from './026-quality.ts'
import { up as studiesAndSampling } from './027-studies-and-sampling.ts'
import { up as qualityDocuments } from './028-quality-documents.ts'
import { up as inspection } from './029-inspection.ts'
import { up as mirrorPlainHttp } from './030-mirror-plain-http.ts'
import { up as offsetCorrections } from './031-offset-corrections.ts'
import { up as backup } from './032-backup.ts'
import { up as peopleAndShop } from './033-people-and-shop.ts'
import { up as signInProviders } from './034-sign-in-providers.ts'
import { up as notifications } from './035-notifications.ts'
import { up as space } from './036-space.ts'
import { up as moveIn } from './038-move-in.ts'
import { up as signInTrials } from './040-sign-in-trials.ts'

export const MIGRATIONS: Record<string, Migration> = {
  '001-spine': { up: spine },
  '002-motion': { up: motion },
  '003-drafts': { up: drafts },
  '004-probe-results': { up: probeResults },
  '005-triggers': { up: triggers },
  '006-steps': { up: steps },
  '007-job-board': { up: jobBoard },
  '008-run-history': { up: runHistory },
  '009-rehearsal': { up: rehearsal },
  '010-characteristics': { up: characteristics },
  '011-hosts': { up: hosts },
  '012-cancelling': { up: cancelling },
  '013-flow-test-rule': { up: flowTestRule },
  '014-connections': { up: connections },
  '016-templates': { up: templates },
  '017-panel': { up: panel },
  '018-versions-and-audit': { up: versionsAndAudit },
  '019-environment': { up: environment },
  '020-panel-layouts': { up: panelLayouts },
  '021-template-exports': { up: templateExports },
  '022-panel-of-a-shift': { up: panelOfAShift },
  '023-marks-and-told': { up: marksAndTold },
  '025-panels-of-templates': { up: panelsOfTemplates },
  '026-quality': { up: quality },
  '027-studies-and-sampling': { up: studiesAndSampling },
  '028-quality-documents': { up: qualityDocuments },
  '029-inspection': { up: inspection },
  '030-mirror-plain-http': { up: mirrorPlainHttp },
  '031-offset-corrections': { up: offsetCorrections },
  '032-backup': { up: backup },
  '033-people-and-shop': { up: peopleAndShop },
  '034-sign-in-providers': { up: signInProviders },
  '035-notifications': { up: notifications },
  '036-space': { up: space },
  '038-move-in': { up: moveIn },
  '040-sign-in-trials': { up: signInTrials },
}
