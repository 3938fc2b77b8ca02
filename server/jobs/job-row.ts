/** A job as the database has it. */
import type { Selectable } from 'kysely'
import type { Database } from '../store/index.ts'

export type JobRow = Selectable<Database['job']>
