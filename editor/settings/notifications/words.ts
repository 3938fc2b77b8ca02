/** The words of notifications, mail, webhooks and one's own settings. */
import { notifications as de } from '../../shared/text/de/notifications.ts'
import { notifications as en } from '../../shared/text/en/notifications.ts'
import { catalogue } from '../../shared/text/index.ts'
import { useCommonText } from '../../shared/theme.tsx'

export const useNotificationsText = catalogue(en, de)

/** What a role is called: ours in the language of the page, one of the shop as it was named. */
export function useRoleWords(): (role: { id: string; name: string }) => string {
  const { roles } = useCommonText().person
  return ({ id, name }) => (Object.hasOwn(roles, id) ? roles[id as keyof typeof roles] : name)
}

/** Why something was refused or did not work, for people. */
export const problemWords = (error: unknown): string => (error instanceof Error ? error.message : String(error))
