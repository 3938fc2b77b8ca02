/** The API tokens of somebody else: seen and revoked, never made. */
import { notifications } from '@mantine/notifications'
import { listTokensOf, type RoleView, revokeTokenOf } from '../../../server/api/accounts.ts'
import type { Account } from '../../../server/api/people.ts'
import { call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { TokenList } from '../account/token-list.tsx'
import { useAccountText } from '../account/words.ts'
import { usePeopleText } from './words.ts'

export function TokensOf({ person, roles }: { person: Account; roles: readonly RoleView[] }) {
  const text = usePeopleText().person
  const words = useAccountText().tokens
  const userId = person.id
  const tokens = useLoad(userId, () => call(listTokensOf, { params: { userId } }))
  const { busy, problem, run } = useDoing()
  return (
    <section className="settings-card" aria-labelledby="tokens-of-title">
      <h3 id="tokens-of-title">{words.title}</h3>
      <TokenList
        tokens={tokens.value}
        error={problem ?? tokens.error}
        roles={roles}
        none={text.noTokens}
        busy={busy}
        onRevoke={({ id, name }) =>
          void run(async () => {
            await call(revokeTokenOf, { params: { userId, tokenId: id } })
            tokens.refresh()
            notifications.show({ message: words.revoked(name) })
          }, id)
        }
      />
    </section>
  )
}
