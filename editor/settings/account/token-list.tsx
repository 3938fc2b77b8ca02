/** API tokens, one's own or somebody's: what each is for and may do, when it was used and ends. */
import { Button } from '@mantine/core'
import { KeyRound } from 'lucide-react'
import type { RoleView } from '../../../server/api/accounts.ts'
import type { ApiToken } from '../../../server/api/people.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useRoleName } from '../people/words.ts'
import { useAccountText } from './words.ts'

export interface TokenListProps {
  tokens: readonly ApiToken[] | undefined
  error: string | undefined
  roles: readonly RoleView[] | undefined
  /** Said where there is none. */
  none: string
  /** The id of the one that is being revoked. */
  busy: string | undefined
  onRevoke: (token: ApiToken) => void
}

export function TokenList({ tokens, error, roles, none, busy, onRevoke }: TokenListProps) {
  const text = useAccountText().tokens
  const format = formats(useLanguage())
  const roleName = useRoleName()
  return (
    <>
      {error && (
        <p className="settings-problem" role="alert">
          {error}
        </p>
      )}
      {tokens?.length === 0 && <p className="settings-dim">{none}</p>}
      <ul className="settings-list" data-testid="tokens">
        {tokens?.map((token) => (
          <li key={token.id}>
            <div className="people-session">
              <KeyRound size={20} aria-hidden />
              <div>
                <strong>{token.name}</strong> <span className="people-tag">{roleName(token.role, roles)}</span>
                <div className="settings-dim">
                  {[
                    text.made(format.dateTime(token.createdAt)),
                    token.lastUsedAt ? text.used(format.dateTime(token.lastUsedAt)) : text.unused,
                    token.expiresAt ? text.endsAt(format.dateTime(token.expiresAt)) : text.endsNever,
                  ].join(' · ')}
                </div>
              </div>
            </div>
            <Button
              variant="default"
              aria-label={text.revokeNamed(token.name)}
              loading={busy === token.id}
              onClick={() => onRevoke(token)}
              data-testid="revoke-token"
            >
              {text.revoke}
            </Button>
          </li>
        ))}
      </ul>
    </>
  )
}
