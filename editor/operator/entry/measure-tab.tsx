/** What is measured at this machine, what is due first, and the mask to enter it. */
import './entry.css'
import { ChevronRight, Hourglass, Lock, Ruler, TimerReset } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import type { Me } from '../../../server/api/people.ts'
import { type Characteristic, listGauges, listQualityCharacteristics } from '../../../server/api/quality/index.ts'
import { useGaugeLines } from '../../quality/gauges/use-lines.ts'
import { useNews } from '../../quality/list/use-characteristics.ts'
import { call } from '../../shared/api.ts'
import { may } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLiveList } from '../../shared/use-live-list.ts'
import { useLoad } from '../../shared/use-load.ts'
import { usePanelState } from '../gate.ts'
import { inTurn, ofMachine, partsOf, type Turn, turnOf } from './due.ts'
import { Mask, type MaskProps } from './mask.tsx'
import { WaitingNote } from './waiting-note.tsx'
import { useEntryText } from './words.ts'

/** Parts that were made are told nowhere live: the list is read again so often. */
const LOOK_MS = 30_000
const MINUTE_MS = 60_000

export function MeasureTab({ machine, me }: { machine: MachineView; me: Me | undefined }) {
  const text = useEntryText()
  const { isLocked: isNobody } = usePanelState()
  const news = useNews()
  const known = useLiveList({ value: { revision: news.count }, isStale: news.isStale }, () => call(listQualityCharacteristics, { query: {} }))
  const gauges = useLoad(`gauges ${news.count}`, () => call(listGauges, { query: {} })).value ?? []
  const { lines, isStale: isLineStale } = useGaugeLines()
  const now = useNow()
  const [chosen, setChosen] = useState<string>()
  const [part, setPart] = useState<string>()
  const [given, setGiven] = useState<MaskProps['given']>({})
  const { refresh } = known
  useEffect(() => {
    const timer = setInterval(refresh, LOOK_MS)
    return () => clearInterval(timer)
  }, [refresh])
  const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS
  const { here, elsewhere } = useMemo(() => {
    const apart = ofMachine(known.list ?? [], machine.id)
    return { here: inTurn(apart.here, minute), elsewhere: inTurn(apart.elsewhere, minute) }
  }, [known.list, machine.id, minute])
  const all = [...here, ...elsewhere]
  const parts = partsOf(all)
  const isOfPart = ({ definition }: Characteristic) => part === undefined || !parts.includes(part) || (definition.part ?? '') === part
  const shown = all.filter(isOfPart)
  const one = all.find(({ id }) => id === chosen) ?? shown[0]
  const gate = isNobody ? text.nobody : may(me, 'quality.enter') ? undefined : text.notAllowed
  if (known.list === undefined)
    return known.error ? (
      <p className="op-problem" role="alert">
        {known.error.message}
      </p>
    ) : (
      <div className="op-skeleton" aria-hidden />
    )
  const line = (each: Characteristic) => (
    <Line
      key={each.id}
      characteristic={each}
      turn={turnOf(each, now)}
      isChosen={each.id === one?.id}
      onChoose={() => {
        setChosen(each.id)
        // of another part by its own number
        setGiven(({ serial: _of, ...rest }) => rest)
      }}
    />
  )
  return (
    <div className="op-measure" data-testid="measure">
      <WaitingNote />
      {all.length === 0 ? (
        <section className="op-empty">
          <h1>{text.empty}</h1>
          <p>{text.emptyText}</p>
        </section>
      ) : (
        <div className="op-measure-parts">
          <nav className="op-measure-list" aria-label={text.title}>
            {known.isStale && <p className="op-measure-stale">{text.stale}</p>}
            {parts.length > 0 && (
              <select
                aria-label={text.parts}
                value={part ?? '*'}
                onChange={({ currentTarget: { value } }) => setPart(value === '*' ? undefined : value)}
                data-testid="choose-part"
              >
                <option value="*">{text.allParts}</option>
                {parts.map((each) => (
                  <option key={each} value={each}>
                    {each || text.noPart}
                  </option>
                ))}
              </select>
            )}
            {here.filter(isOfPart).map(line)}
            {elsewhere.some(isOfPart) && <h2>{text.elsewhere}</h2>}
            {elsewhere.filter(isOfPart).map(line)}
          </nav>
          {one ? (
            <Mask
              // what somebody has begun to type is not the next person's
              key={`${one.id} ${me?.userId}`}
              characteristic={one}
              machine={machine}
              gauges={gauges}
              lines={lines}
              isStale={isLineStale}
              by={me?.name}
              gate={gate}
              given={given}
              onGiven={setGiven}
              onChanged={refresh}
            />
          ) : (
            <p className="op-measure-stale">{text.choose}</p>
          )}
        </div>
      )}
    </div>
  )
}

const TURN_LOOK: Record<Turn['kind'], { icon: typeof Lock; state: string }> = {
  locked: { icon: Lock, state: 'alarm' },
  open: { icon: Hourglass, state: 'action' },
  due: { icon: TimerReset, state: 'action' },
  in: { icon: Hourglass, state: 'normal' },
  parts: { icon: Hourglass, state: 'normal' },
  any: { icon: Ruler, state: 'normal' },
}

function Line({
  characteristic: { id, definition, last },
  turn,
  isChosen,
  onChoose,
}: {
  characteristic: Characteristic
  turn: Turn
  isChosen: boolean
  onChoose: () => void
}) {
  const text = useEntryText()
  const format = formats(useLanguage())
  const { icon: Icon, state } = TURN_LOOK[turn.kind]
  const said = () => {
    switch (turn.kind) {
      case 'locked':
        return text.turn.locked
      case 'open':
        return text.turn.open(String(turn.values))
      case 'due':
        return turn.sinceS === undefined || turn.sinceS < 60 ? text.turn.due : text.turn.since(format.span(turn.sinceS))
      case 'in':
        return text.turn.in(format.span(turn.leftS))
      case 'parts':
        return text.turn.parts(String(turn.left))
      case 'any':
        return last ? `${format.number(last.value, definition.decimals)} ${definition.unit}` : definition.unit
      default:
        return turn satisfies never
    }
  }
  return (
    <button type="button" className="op-measure-line" data-state={state} aria-current={isChosen || undefined} onClick={onChoose} data-testid={`measure-${id}`}>
      <Icon size={22} aria-hidden />
      <span>
        <strong>{definition.name}</strong>
        <span className="cw-numbers">{said()}</span>
      </span>
      <ChevronRight size={20} aria-hidden />
    </button>
  )
}

/** By the second: timers run. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}
