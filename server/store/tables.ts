/** The tables as Kysely sees them. The migrations beside this file make them; better-auth makes its own (`user`, `session`, `account`, `verification`). */
import type { FlowTables } from './tables/flows.ts'
import type { NotificationTables } from './tables/notifications.ts'
import type { PeopleTables } from './tables/people.ts'
import type { QualityTables } from './tables/quality.ts'
import type { UpkeepTables } from './tables/upkeep.ts'
import type { WorkTables } from './tables/work.ts'

export type { RunHeld } from './tables/work.ts'

export interface Database extends WorkTables, FlowTables, QualityTables, PeopleTables, NotificationTables, UpkeepTables {}
