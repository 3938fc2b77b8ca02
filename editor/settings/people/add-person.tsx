/** Somebody new: name, role, and how they come in the first time. */
import { Button, PasswordInput, Radio, Select, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type FormEvent, useState } from 'react'
import { makePasswordLink } from '../../../server/api/accounts.ts'
import { addAccount } from '../../../server/api/people.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import type { Known } from './people-list.tsx'
import { ShownOnce } from './shown-once.tsx'
import { usePeopleText, useRoleName } from './words.ts'

type Way = 'link' | 'password' | 'pin'
const isUserName = (text: string) => /^[A-Za-z0-9._-]{2,40}$/.test(text)
export const isPassword = (text: string) => text.length >= 8 && text.length <= 128
export const isPin = (text: string) => /^[0-9]{4,8}$/.test(text)

/** A proposal from the name: `Jörg Müller` becomes `joerg.mueller`. */
const proposed = (name: string) =>
  name
    .toLowerCase()
    .replace(/[äöüß]/g, (letter) => ({ ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss' })[letter] ?? letter)
    .normalize('NFD')
    .replace(/[^a-z0-9 ._-]/g, '')
    .trim()
    .replace(/\s+/g, '.')
    .slice(0, 40)

export function AddPerson({ roles, me, onAdded, onDone }: Known & { onAdded: () => void; onDone: (userId?: string) => void }) {
  const text = usePeopleText()
  const words = text.form
  const roleName = useRoleName()
  const format = formats(useLanguage())
  const [name, setName] = useState('')
  const [typedUserName, setUserName] = useState<string>()
  const [role, setRole] = useState('operator')
  const [way, setWay] = useState<Way>('link')
  const [password, setPassword] = useState('')
  const [pin, setPin] = useState('')
  const [isTried, setTried] = useState(false)
  const { isBusy, problem, run } = useDoing()
  const [made, setMade] = useState<{ userId: string; url: string; endsAt: string }>()
  const userName = typedUserName ?? proposed(name)
  const wrong = {
    name: name.trim() === '' && words.nameMissing,
    userName: !isUserName(userName) && words.userNameWrong,
    password: way === 'password' && !isPassword(password) && words.passwordShort,
    pin: way === 'pin' && !isPin(pin) && words.pinWrong,
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (wrong.name || wrong.userName || wrong.password || wrong.pin) return
    void run(async () => {
      const also = way === 'link' ? { byLink: true } : way === 'password' ? { password } : { pin }
      const account = await call(addAccount, { body: { userName, name: name.trim(), role, ...also } })
      if (way === 'link') {
        const { path, endsAt } = await call(makePasswordLink, { params: { userId: account.id } })
        setMade({ userId: account.id, url: `${location.origin}${path}`, endsAt })
        onAdded()
        return
      }
      notifications.show({ message: words.added(account.name) })
      onAdded()
      onDone(account.id)
    })
  }
  if (made)
    return (
      <ShownOnce
        title={text.link.title(name)}
        hint={text.link.hint(format.dateTime(made.endsAt))}
        secret={made.url}
        words={text.link}
        onDone={() => onDone(made.userId)}
      />
    )
  const mayGive = roles.filter(({ capabilities }) => capabilities.every((one) => me.capabilities.includes(one)))
  return (
    <section className="settings-card" aria-labelledby="add-title">
      <h3 id="add-title">{words.title}</h3>
      <form onSubmit={submit} noValidate>
        <TextInput
          label={words.name}
          description={words.nameHint}
          value={name}
          maxLength={80}
          required
          error={isTried && wrong.name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
          data-testid="new-name"
        />
        <TextInput
          label={words.userName}
          description={words.userNameHint}
          value={userName}
          maxLength={40}
          required
          autoComplete="off"
          error={isTried && wrong.userName}
          onChange={(event) => setUserName(event.currentTarget.value)}
          data-testid="new-user-name"
        />
        <Select
          label={words.role}
          value={role}
          allowDeselect={false}
          data={mayGive.map(({ id }) => ({ value: id, label: roleName(id, roles) }))}
          onChange={(value) => value && setRole(value)}
          data-testid="new-role"
        />
        <Radio.Group label={words.how} value={way} onChange={(value) => setWay(value as Way)}>
          <div className="people-ways">
            <Radio value="link" label={words.byLink} description={words.byLinkHint} data-testid="way-link" />
            <Radio value="password" label={words.byPassword} data-testid="way-password" />
            <Radio value="pin" label={words.byPin} description={words.byPinHint} data-testid="way-pin" />
          </div>
        </Radio.Group>
        {way === 'password' && (
          <PasswordInput
            label={words.password}
            description={words.passwordShort}
            value={password}
            autoComplete="new-password"
            error={isTried && wrong.password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            data-testid="new-password"
          />
        )}
        {way === 'pin' && (
          <PasswordInput
            label={words.pin}
            description={words.pinHint}
            value={pin}
            inputMode="numeric"
            autoComplete="off"
            error={isTried && wrong.pin}
            onChange={(event) => setPin(event.currentTarget.value)}
            data-testid="new-pin"
          />
        )}
        {problem && (
          <p className="settings-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="settings-actions">
          <Button type="submit" loading={isBusy} data-testid="make-person">
            {words.make}
          </Button>
          <Button variant="default" onClick={() => onDone()}>
            {words.cancel}
          </Button>
        </div>
      </form>
    </section>
  )
}
