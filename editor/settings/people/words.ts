import type { RoleView } from '../../../server/api/accounts.ts'
import { capabilities as deCapabilities } from '../../shared/text/de/capabilities.ts'
import { settingsPeople as de } from '../../shared/text/de/settings-people.ts'
import { capabilities as enCapabilities } from '../../shared/text/en/capabilities.ts'
import { settingsPeople as en } from '../../shared/text/en/settings-people.ts'
import { catalogue } from '../../shared/text/index.ts'
import { useCommonText } from '../../shared/theme.tsx'

export const usePeopleText = catalogue(en, de)
export const useCapabilityText = catalogue(enCapabilities, deCapabilities)

/** What a role is called: ours in the language of the page, one of the shop as it was named. */
export function useRoleName(): (id: string, roles: readonly RoleView[] | undefined) => string {
  const { roles: ours } = useCommonText().person
  return (id, roles) => (Object.hasOwn(ours, id) ? ours[id as keyof typeof ours] : (roles?.find((role) => role.id === id)?.name ?? id))
}
