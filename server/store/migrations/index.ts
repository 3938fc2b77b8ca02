/** Every migration, in order. A list and not a folder scan: the processes are bundled. Forward only; never change one that was released. */
import type { Migration } from 'kysely/migration'
import { up as spine } from './001-spine.ts'
import { up as motion } from './002-motion.ts'

export const MIGRATIONS: Record<string, Migration> = {
  '001-spine': { up: spine },
  '002-motion': { up: motion },
}
