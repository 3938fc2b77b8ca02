/** One's own account: by what one signs in, where one is signed in, tokens for programs, and how the pages look. */
import '../people/people.css'
import { endOtherSessions, endOwnSession, getOwnAccount, listOwnSessions } from '../../../server/api/own-account.ts'
import { call } from '../../shared/api.ts'
import { LookChoices } from '../../shared/frame.tsx'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { useLoad } from '../../shared/use-load.ts'
import { NotRead } from '../not-read.tsx'
import { SessionsList } from '../people/sessions-list.tsx'
import { usePeopleText } from '../people/words.ts'
import { OwnBadge } from './own-badge.tsx'
import { OwnPassword } from './own-password.tsx'
import { OwnPin } from './own-pin.tsx'
import { OwnTokens } from './own-tokens.tsx'
import { useAccountText } from './words.ts'

export function AccountSection() {
  const text = useAccountText()
  const words = usePeopleText().sessions
  const { roles } = useCommonText().person
  const format = formats(useLanguage())
  const { me } = useMe()
  const { value: own, error, refresh } = useLoad('own', () => call(getOwnAccount))
  if (!own || !me) return <NotRead error={error} onAgain={refresh} words={text} />
  return (
    <>
      <div className="people-title">
        <h3 data-testid="own-name">{me.name}</h3>
        <span className="settings-dim">{text.who(me.userName, me.ownRole?.name ?? roles[me.role])}</span>
        {own.lastSignInAt && <span className="settings-dim">{text.lastSignIn(format.dateTime(own.lastSignInAt))}</span>}
      </div>
      <OwnPassword hasPassword={own.hasPassword} onChange={refresh} />
      <OwnPin own={own} onChange={refresh} />
      <OwnBadge own={own} onChange={refresh} />
      <SessionsList
        title={words.ownTitle}
        listKey="own"
        load={() => call(listOwnSessions)}
        endOne={(sessionId) => call(endOwnSession, { params: { sessionId } })}
        endAll={() => call(endOtherSessions)}
        endAllLabel={words.endOthers}
      />
      {may(me, 'tokens.manage') && <OwnTokens me={me} />}
      <section className="settings-card" aria-labelledby="look-title">
        <h3 id="look-title">{text.look}</h3>
        <p className="settings-dim">{text.lookHint}</p>
        <div className="account-look">
          <LookChoices />
        </div>
      </section>
    </>
  )
}
