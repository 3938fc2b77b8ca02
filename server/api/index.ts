/** What goes over the wire: every resource, route and topic. Browser-safe: the server, the CLI and the pages import it. */
import * as accounts from './accounts.ts'
import * as activity from './activity.ts'
import * as audit from './audit.ts'
import * as backup from './backup.ts'
import * as cancelling from './cancelling.ts'
import * as connections from './connections.ts'
import * as flowDebugger from './debugger.ts'
import * as diagnostics from './diagnostics.ts'
import * as environment from './environment.ts'
import * as flowTests from './flow-tests.ts'
import * as flows from './flows.ts'
import * as hosts from './hosts.ts'
import * as jobs from './jobs.ts'
import * as machines from './machines.ts'
import * as mail from './mail.ts'
import * as mirror from './mirror.ts'
import * as motion from './motion.ts'
import * as moveIn from './move-in.ts'
import * as notificationRules from './notification-rules.ts'
import * as notifications from './notifications.ts'
import * as ownAccount from './own-account.ts'
import * as palette from './palette.ts'
import * as panel from './panel.ts'
import * as panelLayouts from './panel-layouts.ts'
import * as people from './people.ts'
import * as promotions from './promotions.ts'
import * as protect from './protect.ts'
import * as quality from './quality/index.ts'
import * as rehearsal from './rehearsal.ts'
import type { AnyRoute } from './route.ts'
import * as runs from './runs.ts'
import * as settings from './settings.ts'
import * as signIn from './sign-in.ts'
import * as signInTrials from './sign-in-trials.ts'
import * as space from './space.ts'
import * as steps from './steps.ts'
import * as systemReport from './system-report.ts'
import * as templates from './templates/index.ts'
import * as together from './together.ts'
import * as triggers from './triggers.ts'
import * as trust from './trust.ts'
import * as versions from './versions.ts'
import * as webhooks from './webhooks.ts'
import * as work from './work.ts'

export * from './access.ts'
export * from './accounts.ts'
export * from './activity.ts'
export * from './audit.ts'
export * from './audit-actions.ts'
export * from './backup.ts'
export * from './cancelling.ts'
export * from './connections.ts'
export * from './debugger.ts'
export * from './diagnostics.ts'
export * from './environment.ts'
export * from './findings.ts'
export * from './flow-tests.ts'
export * from './flows.ts'
export * from './health.ts'
export * from './hosts.ts'
export * from './jobs.ts'
export * from './live.ts'
export * from './machines.ts'
export * from './mail.ts'
export * from './mirror.ts'
export * from './motion.ts'
export * from './move-in.ts'
export * from './move-in-lines.ts'
export * from './notification-rules.ts'
export * from './notification-words.ts'
export * from './notifications.ts'
export * from './own-account.ts'
export * from './palette.ts'
export * from './panel.ts'
export * from './panel-layouts.ts'
export * from './people.ts'
export * from './promotions.ts'
export * from './protect.ts'
export * from './quality/index.ts'
export * from './rehearsal.ts'
export * from './route.ts'
export * from './runs.ts'
export * from './settings.ts'
export * from './sign-in.ts'
export * from './sign-in-trials.ts'
export * from './space.ts'
export * from './steps.ts'
export * from './system-report.ts'
export * from './templates/index.ts'
export * from './together.ts'
export * from './triggers.ts'
export * from './trust.ts'
export * from './versions.ts'
export * from './webhooks.ts'
export * from './work.ts'

/** Every route of the API, for the OpenAPI document and the test that walks them all. */
export const ROUTES: readonly AnyRoute[] = [
  accounts,
  activity,
  audit,
  backup,
  cancelling,
  connections,
  environment,
  flowDebugger,
  diagnostics,
  flowTests,
  flows,
  hosts,
  jobs,
  machines,
  mail,
  mirror,
  motion,
  ownAccount,
  notificationRules,
  notifications,
  palette,
  moveIn,
  panel,
  panelLayouts,
  people,
  promotions,
  protect,
  quality,
  rehearsal,
  runs,
  settings,
  space,
  systemReport,
  signIn,
  signInTrials,
  steps,
  templates,
  together,
  triggers,
  trust,
  versions,
  webhooks,
  work,
].flatMap((area) =>
  (Object.values(area) as unknown[]).filter(
    (value): value is AnyRoute => typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'access' in value,
  ),
)
