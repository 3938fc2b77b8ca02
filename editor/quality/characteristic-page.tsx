/** One characteristic: how it is, and its sides (chart, capability, measurements, limits, settings). */
import './characteristic.css'
import { ActionIcon, Tooltip } from '@mantine/core'
import { ChevronLeft, ChevronRight, Lock } from 'lucide-react'
import { lazy, Suspense } from 'react'
import type { LiveList } from '../shared/use-live-list.ts'
import { charPlace, SIDES, type Side } from './address.ts'
import { BackTo } from './back-to.tsx'
import { ChartSide } from './chart/chart-side.tsx'
import { ReportMenu } from './files/report-menu.tsx'
import { SettingsSide } from './form/settings-side.tsx'
import { LimitsSide } from './limits/limits-side.tsx'
import { stateOf } from './list/state-of.ts'
import { StatePill } from './list/state-pill.tsx'
import type { ListedCharacteristic } from './list/use-characteristics.ts'
import { MeasurementsSide } from './measurements/measurements-side.tsx'
import { hashOf } from './section.ts'
import { toleranceInWords, useChartsText, useFormats } from './use-quality-text.ts'

const CapabilitySide = lazy(async () => ({ default: (await import('./capability/capability-side.tsx')).CapabilitySide }))

export interface CharacteristicPageProps {
  id: string
  side: Side
  subgroup: number | undefined
  known: LiveList<ListedCharacteristic>
  go: (place: string) => void
}

export function CharacteristicPage({ id, side, subgroup, known, go }: CharacteristicPageProps) {
  const { head, loading } = useChartsText()
  const characteristic = known.list?.find((one) => one.id === id)
  return (
    <section className="quality-pad quality-one" aria-labelledby="characteristic-title">
      <BackTo label={head.back} onBack={() => go('')} />
      {known.error && (
        <p className="quality-problem" role="alert">
          {known.error.message}
        </p>
      )}
      {!known.list && !known.error && <p className="quality-dim">{loading}</p>}
      {known.list && !characteristic && <p className="quality-dim">{head.notFound}</p>}
      {characteristic && (
        <>
          <Head characteristic={characteristic} list={known.list ?? []} side={side} go={go} />
          <Sides id={id} side={side} />
          {side === 'chart' && <ChartSide characteristic={characteristic} subgroup={subgroup} go={go} onChanged={known.refresh} />}
          {side === 'capability' && (
            <Suspense fallback={<p className="quality-dim">{loading}</p>}>
              <CapabilitySide characteristic={characteristic} />
            </Suspense>
          )}
          {side === 'measurements' && <MeasurementsSide characteristic={characteristic} go={go} />}
          {side === 'limits' && <LimitsSide characteristic={characteristic} onChanged={known.refresh} />}
          {side === 'settings' && <SettingsSide characteristic={characteristic} onChanged={known.refresh} />}
        </>
      )}
    </section>
  )
}

function Head({
  characteristic,
  list,
  side,
  go,
}: {
  characteristic: ListedCharacteristic
  list: readonly ListedCharacteristic[]
  side: Side
  go: (place: string) => void
}) {
  const { head } = useChartsText()
  const format = useFormats()
  const { definition, isLocked, openSignals, openValues } = characteristic
  const about = [[definition.part, definition.partRevision].filter(Boolean).join(' '), definition.feature, definition.operation].filter(Boolean)
  const place = list.findIndex(({ id }) => id === characteristic.id)
  const neighbour = (way: -1 | 1) => list[place + way]?.id
  const [waiting] = openSignals
  return (
    <>
      <header className="quality-head">
        <div>
          <h1 id="characteristic-title">{definition.name}</h1>
          <p className="quality-about">
            <StatePill state={stateOf(characteristic)} />
            {about.length > 0 && <span>{about.join(' · ')}</span>}
            <span>
              {head.tolerance}: <strong className="cw-numbers">{toleranceInWords(head, format.number, definition)}</strong>
            </span>
            {openValues > 0 && <span>{head.open(format.number(openValues))}</span>}
          </p>
        </div>
        <div className="quality-actions">
          <ReportMenu id={characteristic.id} />
          {([-1, 1] as const).map((way) => {
            const id = neighbour(way)
            const label = way === -1 ? head.before : head.after
            return (
              <Tooltip key={way} label={label}>
                <ActionIcon
                  variant="default"
                  size="lg"
                  aria-label={label}
                  disabled={id === undefined}
                  onClick={() => id !== undefined && go(charPlace(id, side))}
                >
                  {way === -1 ? <ChevronLeft size={18} aria-hidden /> : <ChevronRight size={18} aria-hidden />}
                </ActionIcon>
              </Tooltip>
            )
          })}
        </div>
      </header>
      {isLocked && (
        <p className="quality-banner" data-state="action" role="status" data-testid="locked">
          <Lock size={18} aria-hidden /> {head.locked}
          {waiting && <a href={`#${hashOf('characteristics', charPlace(characteristic.id, 'chart', waiting.subgroup))}`}>{head.lockedPoint}</a>}
        </p>
      )}
    </>
  )
}

function Sides({ id, side }: { id: string; side: Side }) {
  const { sides } = useChartsText()
  return (
    <nav className="quality-sides" aria-label={sides.label}>
      {SIDES.map((one) => (
        <a key={one} href={`#${hashOf('characteristics', charPlace(id, one))}`} aria-current={one === side ? 'page' : undefined} data-testid={`side-${one}`}>
          {sides[one]}
        </a>
      ))}
    </nav>
  )
}
