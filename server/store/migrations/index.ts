/** Every migration, in order. A list and not a folder scan: the processes are bundled. Forward only; never change one that was released. */
import type { Migration } from 'kysely/migration'
import { up as spine } from './001-spine.ts'
import { up as motion } from './002-motion.ts'
import { up as drafts } from './003-drafts.ts'
import { up as probeResults } from './004-probe-results.ts'

export const MIGRATIONS: Record<string, Migration> = {
  '001-spine': { up: spine },
  '002-motion': { up: motion },
  '003-drafts': { up: drafts },
  '004-probe-results': { up: probeResults },
}
