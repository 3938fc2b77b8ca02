import '../sign-in/sign-in.css'
import './trust.css'
import { Anchor, Button, NativeSelect, Skeleton } from '@mantine/core'
import { CircleAlert, CircleCheck, Download } from 'lucide-react'
import { useEffect, useState } from 'react'
import { getTrust, type TrustView } from '../../server/api/trust.ts'
import { type ApiError, call } from '../shared/api.ts'
import { trust as de } from '../shared/text/de/trust.ts'
import { trust as en } from '../shared/text/en/trust.ts'
import { catalogue, useLanguage } from '../shared/text/index.ts'
import { useCommonText } from '../shared/theme.tsx'
import { Doorway } from '../sign-in/doorway.tsx'
import { secureAddress } from './next.ts'
import { PLATFORMS, type Platform, platformOf } from './platform.ts'

const useText = catalogue(en, de)

type Stage = { at: 'asking' } | { at: 'unreachable'; message: string } | { at: 'known'; view: TrustView; isTrusted: boolean }

/** Whether this device takes the server's certificate. A page in the clear asks by HTTPS; one that came by HTTPS may have come past a warning. */
async function asksSecurely(): Promise<boolean> {
  try {
    await fetch(`https://${location.host}/api/trust`, { mode: 'no-cors', cache: 'no-store', signal: AbortSignal.timeout(5000) })
    return true
  } catch {
    return false
  }
}

export function TrustPage() {
  const text = useText()
  const common = useCommonText()
  const [stage, setStage] = useState<Stage>({ at: 'asking' })
  const isPlain = location.protocol === 'http:'

  useEffect(() => {
    document.title = `${text.title} · Cellwright`
  }, [text])
  useEffect(() => {
    const look = async () => {
      try {
        const view = await call(getTrust)
        const isTrusted = view.isHttps && isPlain && (await asksSecurely())
        // whoever was on the way elsewhere goes there
        if (isTrusted && new URLSearchParams(location.search).has('next')) location.replace(secureAddress(location))
        setStage({ at: 'known', view, isTrusted })
      } catch (problem) {
        setStage({ at: 'unreachable', message: (problem as ApiError).message })
      }
    }
    void look()
  }, [isPlain])

  return (
    <Doorway>
      {stage.at === 'asking' && <Skeleton height={420} width={400} radius="md" />}
      {stage.at === 'unreachable' && (
        <>
          <p className="sign-in-note" data-state="alarm" role="alert">
            <CircleAlert size={20} aria-hidden /> {stage.message}
          </p>
          <Button onClick={() => location.reload()}>{common.retry}</Button>
        </>
      )}
      {stage.at === 'known' && (
        <div className="sign-in-card trust-card">
          <h1>{text.title}</h1>
          <Known view={stage.view} isTrusted={stage.isTrusted} isPlain={isPlain} />
        </div>
      )}
    </Doorway>
  )
}

function Known({ view, isTrusted, isPlain }: { view: TrustView; isTrusted: boolean; isPlain: boolean }) {
  const text = useText()
  if (!view.isHttps || !view.authority)
    return (
      <>
        <p className="setup-text">{view.isHttps ? text.givenCertificate : text.noHttps}</p>
        <Button component="a" href="/" size="md">
          {text.go}
        </Button>
      </>
    )
  if (isTrusted)
    return (
      <>
        <p className="sign-in-note trust-good" data-testid="trusted">
          <CircleCheck size={20} aria-hidden /> {text.trusted}
        </p>
        <Button component="a" href={secureAddress(location)} size="md">
          {text.go}
        </Button>
        <Install />
      </>
    )
  return <Steps view={view} isPlain={isPlain} />
}

/** How this kind of device makes an app of the panel: possible from here on, since browsers install what they trust alone. */
function Install() {
  const text = useText().install
  return (
    <section aria-labelledby="install" data-testid="install">
      <h2 id="install">{text.title}</h2>
      <p className="setup-text">{text.how[platformOf(navigator)]}</p>
      <Anchor href={`https://${location.host}/operator`}>{text.panel}</Anchor>
    </section>
  )
}

function Steps({ view, isPlain }: { view: TrustView; isPlain: boolean }) {
  const text = useText()
  const language = useLanguage()
  const [platform, setPlatform] = useState<Platform>(() => platformOf(navigator))
  const { authority, names } = view
  if (!authority) return null
  const file = platform === 'apple' ? 'mobileconfig' : platform === 'linux' ? 'pem' : 'der'
  const until = new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(authority.endsAt))
  return (
    <>
      <p className="setup-text">{text.intro}</p>
      <NativeSelect
        label={text.device}
        size="md"
        value={platform}
        onChange={(event) => setPlatform(PLATFORMS.find((one) => one === event.currentTarget.value) ?? platform)}
        data={PLATFORMS.map((value) => ({ value, label: text.platforms[value] }))}
        data-testid="platform"
      />
      <Button component="a" href={`/api/trust/authority?as=${file}`} size="md" leftSection={<Download size={18} aria-hidden />} data-testid="download">
        {text.download}
      </Button>
      <ol className="trust-steps">
        {text.steps[platform].map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <div className="trust-print">
        <p>{text.compare}</p>
        <code data-testid="fingerprint">{authority.fingerprint.replaceAll(':', ' ')}</code>
        <p className="trust-dim">{text.of(authority.name, until)}</p>
      </div>
      {isPlain && (
        <Button variant="default" size="md" onClick={() => location.reload()} data-testid="check">
          {text.check}
        </Button>
      )}
      <p className="trust-dim">
        {text.names} {names.join(', ')}. <Anchor href={secureAddress(location)}>{text.anyway}</Anchor>
      </p>
    </>
  )
}
