/** The words of back-ups. */
import { backup as de } from '../../shared/text/de/backup.ts'
import { backup as en } from '../../shared/text/en/backup.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useBackupText = catalogue(en, de)
