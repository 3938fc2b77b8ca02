/** What takes the time, and where errors are, of all flows together. */
import { Switch } from '@mantine/core'
import { CircleAlert, Gauge } from 'lucide-react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { useLine } from '../../shared/live.ts'
import { useHost } from '../host/use-host.ts'
import { labelOf } from '../model/scene.ts'
import { Panel } from '../panels/panel.tsx'
import type { ActivityStore } from './activity-store.ts'
import { useLiveFormats } from './format.ts'
import { liveSettings, setLiveSettings, watchLiveSettings } from './settings.ts'
import { useLiveText } from './text.ts'

const HIGH_LOAD = 0.8
/** Nothing heard for longer is not how it is now. */
const STALE_MS = 4000

export function ActivityPanel({ store, onShown, onClose }: { store: ActivityStore; onShown: (isShown: boolean) => void; onClose: () => void }) {
  const text = useLiveText().panel
  const format = useLiveFormats()
  const host = useHost()
  useSyncExternalStore(store.watch, () => store.version)
  const settings = useSyncExternalStore(watchLiveSettings, liveSettings)
  const line = useLine()
  useEffect(() => {
    onShown(true)
    return () => onShown(false)
  }, [onShown])
  const isQuiet = useIsQuiet(store)
  const { overview } = store
  const { model, types } = host.workspace
  const nameOf = (id: string) => {
    const node = model.get(id)
    return node ? labelOf(node, types.get(node.type)) : id
  }
  const placeOf = (place: string | undefined) => {
    const tab = place === undefined ? undefined : model.get(place)
    return tab ? text.place(String(tab.label || tab.name || tab.id)) : ''
  }
  const isAway = line.state !== 'connected' || isQuiet
  const { errors } = store
  return (
    <Panel title={text.title} onClose={onClose} {...(store.since && !isAway ? { note: text.since(format.time(store.since)) } : {})}>
      {store.refusal ? (
        <p className="panel-empty">{text.refused}</p>
      ) : (
        <div className="live-panel" data-stale={isAway || undefined}>
          {isAway && <p role="status">{text.away}</p>}
          <section>
            <h3>
              {text.load} <strong className="cw-numbers">{overview ? text.loadText(format.percent(overview.load)) : '–'}</strong>
            </h3>
            <div className="live-bar" data-level={(overview?.load ?? 0) > HIGH_LOAD ? 'high' : undefined}>
              <span style={{ width: `${(overview?.load ?? 0) * 100}%` }} />
            </div>
            {(overview?.load ?? 0) > HIGH_LOAD && <p className="live-warning">{text.loadHigh}</p>}
          </section>
          <section>
            <h3>{text.busiest}</h3>
            <p className="form-help">{text.busiestText}</p>
            {overview?.busiest.length ? (
              <ol className="live-list" data-testid="live-busiest">
                {overview.busiest.map(({ id, place, share, perSecond }) => (
                  <li key={id}>
                    <button type="button" disabled={!model.get(id)} onClick={() => host.workspace.reveal(id)}>
                      <span className="live-list-name">
                        <strong>{nameOf(id)}</strong> <em>{placeOf(place)}</em>
                      </span>
                      <span className="live-list-figures cw-numbers">
                        {format.percent(share)} <em>{text.perSecond(format.rate(perSecond))}</em>
                      </span>
                      <span className="live-bar" aria-hidden>
                        <span style={{ width: `${Math.min(1, share) * 100}%` }} />
                      </span>
                    </button>
                  </li>
                ))}
              </ol>
            ) : (
              <p className="panel-empty">
                <Gauge size={24} aria-hidden />
                {text.nothing}
              </p>
            )}
          </section>
          <section>
            <h3>{text.errors}</h3>
            {errors.length === 0 ? (
              <p className="form-help">{text.errorsNone}</p>
            ) : (
              <ol className="live-list" data-testid="live-errors">
                {errors.map(({ id, place, error }) => (
                  <li key={id}>
                    <button type="button" disabled={!model.get(id)} onClick={() => host.workspace.reveal(id)}>
                      <span className="live-list-name">
                        <CircleAlert size={14} aria-hidden className={error.isCaught ? 'live-caught' : 'live-error'} /> <strong>{nameOf(id)}</strong>{' '}
                        <em>{placeOf(place)}</em>
                      </span>
                      <span className="live-list-figures cw-numbers">
                        {error.count > 1 && text.times(error.count)} {error.isCaught && <em>{text.caught}</em>}{' '}
                        <time dateTime={error.at}>{format.time(new Date(error.at))}</time>
                      </span>
                      <span className="live-list-text">{error.text}</span>
                    </button>
                  </li>
                ))}
              </ol>
            )}
          </section>
          <section className="live-switches">
            <Switch
              size="sm"
              label={text.onWires}
              checked={settings.areCountsShown}
              onChange={(event) => setLiveSettings({ areCountsShown: event.currentTarget.checked })}
            />
            <Switch
              size="sm"
              label={text.atNodes}
              checked={settings.areTimesShown}
              onChange={(event) => setLiveSettings({ areTimesShown: event.currentTarget.checked })}
            />
          </section>
        </div>
      )}
    </Panel>
  )
}

/** Nothing was heard for a while: the overview comes once a second while the panel is open. */
function useIsQuiet(store: ActivityStore): boolean {
  const [isQuiet, setQuiet] = useState(false)
  useEffect(() => {
    const openedAt = performance.now()
    const timer = setInterval(() => setQuiet(performance.now() - Math.max(store.heardAt, openedAt) > STALE_MS), 1000)
    return () => clearInterval(timer)
  }, [store])
  return isQuiet
}
