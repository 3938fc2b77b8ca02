/** Tables of what keeps an installation in good order: back-ups. */
import type { Generated, JSONColumnType } from 'kysely'
import type { BackupPlace } from '../../api/backup.ts'
import type { Timestamp } from './columns.ts'

export interface UpkeepTables {
  /** When back-ups are made by themselves, and where to; one row. `secrets` is sealed. */
  backupPlan: {
    id: Generated<number>
    isOn: boolean
    /** `HH:mm`, by the clock of the host that makes it. */
    atTime: string
    destination: JSONColumnType<BackupPlace>
    keepDaily: number
    keepWeekly: number
    keepMonthly: number
    secrets: string | null
    by: string
    at: Timestamp
  }
  /** How each back-up came out. */
  backupRun: {
    id: Generated<number>
    why: 'person' | 'schedule' | 'upgrade'
    state: 'done' | 'failed' | 'stopped'
    name: string | null
    bytes: number | null
    sha256: string | null
    /** In words, without secrets; null: in the folder of the host alone. */
    destination: string | null
    host: string
    by: string
    code: string | null
    text: string | null
    startedAt: Timestamp
    endedAt: Timestamp
  }
}
