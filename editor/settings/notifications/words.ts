/** The words of notifications, mail, webhooks and one's own settings. */
import { notifications as de } from '../../shared/text/de/notifications.ts'
import { notifications as en } from '../../shared/text/en/notifications.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useNotificationsText = catalogue(en, de)

/** Why something was refused or did not work, for people. */
export const problemWords = (error: unknown): string => (error instanceof Error ? error.message : String(error))
