/** By what somebody else signs in: their password, PIN and badge, as far as another person may see to them. */
import { Button, PasswordInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { makePasswordLink } from '../../../server/api/accounts.ts'
import { type Account, changeAccount } from '../../../server/api/people.ts'
import { unlinkSignIn } from '../../../server/api/sign-in.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { isPassword, isPin } from './add-person.tsx'
import { ShownOnce } from './shown-once.tsx'
import { usePeopleText } from './words.ts'

type Change = { password: string } | { pin: string | null } | { badge: null }

export function WaysIn({ person, onChange }: { person: Account; onChange: () => void }) {
  const all = usePeopleText()
  const text = all.person
  const words = all.form
  const format = formats(useLanguage())
  const [open, setOpen] = useState<'password' | 'pin'>()
  const [typed, setTyped] = useState('')
  const { isBusy, problem, run, say } = useDoing()
  const [link, setLink] = useState<{ url: string; endsAt: string }>()
  const act = (what: string, work: () => Promise<void>) =>
    run(async () => {
      await work()
      setOpen(undefined)
      setTyped('')
      onChange()
    }, what)
  const change = (body: Change, said: string) =>
    act(said, async () => {
      await call(changeAccount, { params: { userId: person.id }, body })
      notifications.show({ message: said })
    })
  const untie = (name: string) =>
    act('untie', async () => {
      await call(unlinkSignIn, { params: { userId: person.id } })
      notifications.show({ message: text.untied(name) })
    })
  const makeLink = () =>
    act('link', async () => {
      const { path, endsAt } = await call(makePasswordLink, { params: { userId: person.id } })
      setLink({ url: `${location.origin}${path}`, endsAt })
    })
  const show = (what: 'password' | 'pin') => {
    setOpen(what)
    setTyped('')
    say(undefined)
  }
  const isGood = open === 'password' ? isPassword(typed) : isPin(typed)
  const form = open && (
    <form
      className="people-inline"
      onSubmit={(event) => {
        event.preventDefault()
        if (isGood) void (open === 'password' ? change({ password: typed }, text.passwordSet) : change({ pin: typed }, text.pinSet))
      }}
    >
      <PasswordInput
        label={open === 'password' ? text.newPassword : text.newPin}
        description={open === 'password' ? words.passwordShort : words.pinHint}
        value={typed}
        autoComplete={open === 'password' ? 'new-password' : 'off'}
        inputMode={open === 'pin' ? 'numeric' : undefined}
        autoFocus
        onChange={(event) => setTyped(event.currentTarget.value)}
        data-testid={`give-${open}`}
      />
      <div className="settings-actions">
        <Button type="submit" loading={isBusy} disabled={!isGood} data-testid={`set-${open}`}>
          {text.set}
        </Button>
        <Button variant="default" onClick={() => setOpen(undefined)}>
          {text.cancel}
        </Button>
      </div>
    </form>
  )
  return (
    <section className="settings-card" aria-labelledby="ways-title">
      <h3 id="ways-title">{text.ways}</h3>
      <ul className="settings-list">
        {person.provider && (
          <li>
            <div>
              <strong>{person.provider.name}</strong> <span className="settings-dim">{person.provider.mail}</span>
              <div className="settings-dim">
                {person.provider.lastAt ? text.lastThere(format.dateTime(person.provider.lastAt)) : text.neverThere} {text.untieHint}
              </div>
            </div>
            <Button variant="default" onClick={() => void untie(person.provider?.name ?? '')} data-testid="untie">
              {text.untie}
            </Button>
          </li>
        )}
        <li>
          <div>
            <strong>{text.password}</strong> <span className="settings-dim">{person.hasPassword ? text.has : text.hasNone}</span>
            <div className="settings-dim">{person.linkEndsAt ? text.linkUntil(format.dateTime(person.linkEndsAt)) : text.makeLinkHint}</div>
          </div>
          <div className="settings-actions">
            <Button variant="default" loading={isBusy && !open} onClick={() => void makeLink()} data-testid="make-link">
              {text.makeLink}
            </Button>
            <Button variant="default" onClick={() => show('password')} data-testid="open-password">
              {text.givePassword}
            </Button>
          </div>
        </li>
        {open === 'password' && <li>{form}</li>}
        {link && (
          <li>
            <ShownOnce
              title={all.link.title(person.name)}
              hint={all.link.hint(format.dateTime(link.endsAt))}
              secret={link.url}
              words={all.link}
              onDone={() => setLink(undefined)}
            />
          </li>
        )}
        <li>
          <div>
            <strong>{text.pin}</strong> <span className="settings-dim">{person.hasPin ? text.has : text.hasNone}</span>
          </div>
          <div className="settings-actions">
            <Button variant="default" onClick={() => show('pin')} data-testid="open-pin">
              {text.setPin}
            </Button>
            {person.hasPin && (
              <Button variant="default" onClick={() => void change({ pin: null }, text.pinCleared)} data-testid="clear-pin">
                {text.clearPin}
              </Button>
            )}
          </div>
        </li>
        {open === 'pin' && <li>{form}</li>}
        <li>
          <div>
            <strong>{text.badge}</strong> <span className="settings-dim">{person.hasBadge ? text.has : text.hasNone}</span>
            <div className="settings-dim">{text.badgeHint}</div>
          </div>
          {person.hasBadge && (
            <Button variant="default" onClick={() => void change({ badge: null }, text.badgeCleared)} data-testid="clear-badge">
              {text.clearBadge}
            </Button>
          )}
        </li>
      </ul>
      {problem && (
        <p className="settings-problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  )
}
