/** Says what this installation is, and shows the key that signs what leaves it. */
import { Button, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Factory, FlaskConical, Server } from 'lucide-react'
import { useEffect, useState } from 'react'
import { ENVIRONMENT_KINDS, type Environment, type EnvironmentKind, setEnvironment } from '../../server/api/environment.ts'
import type { Me } from '../../server/api/people.ts'
import { listPromotions } from '../../server/api/promotions.ts'
import { useFindingText } from '../designer/deploy/finding-words.ts'
import { call } from '../shared/api.ts'
import { useLive } from '../shared/live.ts'
import { may } from '../shared/me.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useDoing } from '../shared/use-doing.ts'
import { reasonOf, VersionReason } from '../shared/version-reason.tsx'
import { errorWords, useEnvironmentText } from './words.ts'

const ICONS = { unmarked: Server, test: FlaskConical, production: Factory } as const

export function MarkView({ me }: { me: Me | undefined }) {
  const found = useLive('environment', (_, change) => change).value
  if (!found) return <div className="environment-skeleton" aria-hidden />
  // anew when somebody else has changed it
  return <MarkForm key={`${found.kind} ${found.name} ${found.at}`} found={found} mayChange={may(me, 'system.manage')} />
}

function MarkForm({ found, mayChange }: { found: Environment; mayChange: boolean }) {
  const text = useEnvironmentText().mark
  const language = useLanguage()
  const findings = useFindingText()
  const format = formats(language)
  const [kind, setKind] = useState<EnvironmentKind>(found.kind)
  const [name, setName] = useState(found.name)
  const [reason, setReason] = useState('')
  const { isBusy, problem, run } = useDoing((failed) => errorWords(failed, language, findings))
  const isChanged = kind !== found.kind || name.trim() !== found.name
  const save = () =>
    run(async () => {
      await call(setEnvironment, { body: { kind, name: name.trim(), ...reasonOf(reason) } })
      notifications.show({ message: text.saved(text.kinds[kind]) })
    })
  return (
    <>
      <section className="environment-card" aria-labelledby="mark-title">
        <h2 id="mark-title">{text.title}</h2>
        <p className="environment-dim">{text.hint}</p>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void save()
          }}
        >
          <fieldset className="environment-kinds" disabled={!mayChange}>
            <legend className="environment-only-read">{text.title}</legend>
            {ENVIRONMENT_KINDS.map((each) => {
              const Icon = ICONS[each]
              return (
                <label key={each} className="environment-kind">
                  <input type="radio" name="kind" value={each} checked={kind === each} onChange={() => setKind(each)} data-testid={`kind-${each}`} />
                  <Icon size={24} aria-hidden />
                  <span>
                    <strong>{text.kinds[each]}</strong>
                    <span className="environment-dim">{text.means[each]}</span>
                  </span>
                </label>
              )
            })}
          </fieldset>
          <TextInput
            label={text.name}
            description={text.nameHint}
            value={name}
            maxLength={60}
            required
            readOnly={!mayChange}
            onChange={(event) => setName(event.currentTarget.value)}
            data-testid="installation-name"
          />
          {isChanged && <VersionReason value={reason} onChange={setReason} />}
          {problem !== undefined && (
            <p className="environment-problem" role="alert">
              {problem}
            </p>
          )}
          {mayChange ? (
            <Button type="submit" loading={isBusy} disabled={name.trim() === '' || !isChanged} data-testid="mark-save">
              {text.save}
            </Button>
          ) : (
            <p className="environment-dim">{text.mayNot}</p>
          )}
          {found.by !== undefined && found.at !== undefined && <p className="environment-dim">{text.by(found.by, format.dateTime(found.at))}</p>}
        </form>
      </section>
      <OwnKey />
    </>
  )
}

function OwnKey() {
  const text = useEnvironmentText().mark
  const [fingerprint, setFingerprint] = useState<string>()
  useEffect(() => {
    let isGone = false
    call(listPromotions).then(
      (found) => isGone || setFingerprint(found.fingerprint),
      () => {
        // told where promotions are; here it is a line that is missing
      },
    )
    return () => {
      isGone = true
    }
  }, [])
  return (
    <section className="environment-card" aria-labelledby="key-title">
      <h2 id="key-title">{text.key}</h2>
      <p className="environment-dim">{text.keyHint}</p>
      <p>
        <code className="environment-key" data-testid="own-key">
          {fingerprint ?? '…'}
        </code>
      </p>
    </section>
  )
}
