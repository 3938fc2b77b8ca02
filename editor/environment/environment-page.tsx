/** This installation: test or production, flows from one to the other, the git mirror. What is shown stands in the address. */
import './environment.css'
import { Frame } from '../shared/frame.tsx'
import { may, useMe } from '../shared/me.ts'
import { useHash } from '../shared/use-hash.ts'
import { MarkView } from './mark-view.tsx'
import { MirrorView } from './mirror-view.tsx'
import { PromoteView } from './promote/promote-view.tsx'
import { TakeView } from './promote/take-view.tsx'
import { useEnvironmentText } from './words.ts'

type Shown = 'mark' | 'promote' | 'mirror'

/** The part behind `#` of the first view: empty. */
const HASHES: Record<Shown, string> = { mark: '#', promote: '#promote', mirror: '#mirror' }

export function EnvironmentPage() {
  const text = useEnvironmentText()
  const { me } = useMe()
  const [hash, go] = useHash()
  const [what = '', id] = hash.split('/').map(decodeURIComponent)
  const shown: Shown = what === 'promote' ? 'promote' : what === 'mirror' ? 'mirror' : 'mark'
  const views: Shown[] = ['mark', 'promote', ...(may(me, 'system.view') ? (['mirror'] as const) : [])]
  return (
    <Frame page="environment">
      <div className="environment-page">
        <header className="environment-top">
          <h1>{text.title}</h1>
          <nav aria-label={text.tabs.label}>
            {views.map((view) => (
              <a key={view} href={HASHES[view]} aria-current={view === shown ? 'page' : undefined} data-testid={`to-${view}`}>
                {text.tabs[view]}
              </a>
            ))}
          </nav>
        </header>
        {shown === 'mark' && <MarkView me={me} />}
        {shown === 'promote' && (id ? <TakeView key={id} promotionId={id} /> : <PromoteView me={me} onLook={(next) => go(`promote/${next}`)} />)}
        {shown === 'mirror' && <MirrorView me={me} />}
      </div>
    </Frame>
  )
}
