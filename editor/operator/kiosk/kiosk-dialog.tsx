/** Binding this browser to a place, and the kiosks there are. */
import { Monitor, Trash2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import {
  bindKiosk,
  CELL,
  getKiosk,
  type Kiosk,
  type LayoutEntry,
  listKiosks,
  listPanelLayouts,
  releaseKiosk,
  removeKiosk,
} from '../../../server/api/panel-layouts.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { Back, scopeInWords } from '../arrange/dialogs.tsx'
import { useArrangeText } from '../arrange/words.ts'
import { OperatorDialog } from '../operator-dialog.tsx'
import { usePanelSettings } from '../people/panel-settings.ts'
import { Choice } from '../tabs/move-tab.tsx'
import { tellKiosk } from './use-kiosk.ts'

const MINUTES = [1, 2, 5, 15] as const

export interface KioskDialogProps {
  /** What is looked at now. */
  place: string
  machines: readonly MachineView[]
  nameOf: (machineId: string) => string
  onClose: () => void
}

export function KioskDialog({ place: here, machines, nameOf, onClose }: KioskDialogProps) {
  const words = useArrangeText()
  const text = words.kiosk
  const format = formats(useLanguage())
  const settings = usePanelSettings()
  const [kiosk, setKiosk] = useState<Kiosk | null>()
  const [kiosks, setKiosks] = useState<Kiosk[]>([])
  const [layouts, setLayouts] = useState<LayoutEntry[]>([])
  const [name, setName] = useState(settings.name)
  const [place, setPlace] = useState(here)
  const [layout, setLayout] = useState('')
  const [lockAfterMin, setLockAfter] = useState<(typeof MINUTES)[number]>(2)
  const [problem, setProblem] = useState<string>()
  const failed = (error: Error) => setProblem(error.message)
  const read = () => {
    call(getKiosk).then((found) => {
      setKiosk(found)
      tellKiosk(found)
    }, failed)
    call(listKiosks).then(setKiosks, failed)
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useEffect(() => {
    read()
    call(listPanelLayouts).then(setLayouts, failed)
  }, [])
  const does = (work: Promise<unknown>) => {
    setProblem(undefined)
    work.then(read, failed)
  }
  // what has no meaning at the place is not offered
  const fitting = layouts.filter(({ scope }) => scope.place === place || (scope.place === undefined && place !== CELL))
  const bind = () => {
    const chosen = fitting.find(({ scope }) => JSON.stringify(scope) === layout)
    does(call(bindKiosk, { body: { name: name.trim() || nameOf(place), place, lockAfterMin, ...(chosen ? { layout: chosen.scope } : {}) } }))
  }
  const placeName = (id: string) => (id === CELL ? words.scope.cell : nameOf(id))
  return (
    <OperatorDialog title={text.title} isWide onClose={onClose}>
      <p>{text.what}</p>
      {kiosk && (
        <p className="op-good" role="status" data-testid="kiosk-is">
          {text.isKiosk(kiosk.name)}
        </p>
      )}
      {!isSecureContext && (
        <p className="op-check" data-warning>
          {text.https}
        </p>
      )}
      <label className="op-ask-comment">
        {text.name}
        <input value={name} maxLength={60} placeholder={text.nameHint} onChange={(event) => setName(event.currentTarget.value)} data-testid="kiosk-name" />
      </label>
      <div className="op-kiosk-choices">
        <label className="op-ask-comment">
          {text.place}
          <select value={place} onChange={(event) => setPlace(event.currentTarget.value)} data-testid="kiosk-place">
            {[CELL, ...machines.map(({ id }) => id)].map((id) => (
              <option key={id} value={id}>
                {placeName(id)}
              </option>
            ))}
          </select>
        </label>
        <label className="op-ask-comment">
          {text.layout}
          <select value={layout} onChange={(event) => setLayout(event.currentTarget.value)} data-testid="kiosk-layout">
            <option value="">{text.byPerson}</option>
            {fitting.map(({ scope }) => (
              <option key={JSON.stringify(scope)} value={JSON.stringify(scope)}>
                {scopeInWords(scope, words, nameOf)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Choice legend={text.lockAfter} values={MINUTES} chosen={lockAfterMin} onChoose={setLockAfter} testId="kiosk-lock">
        {(minutes) => text.minutes(String(minutes))}
      </Choice>
      {problem && (
        <p className="op-problem" role="alert">
          {problem}
        </p>
      )}
      <h3>{text.others}</h3>
      {kiosks.length === 0 && <p>{text.none}</p>}
      <ul className="op-arrange-list">
        {kiosks.map((one) => (
          <li key={one.id} className="op-kiosk">
            <Monitor size={22} aria-hidden />
            <span>
              <strong>{one.name}</strong>
              <small>
                {placeName(one.place)} · {one.lastSeenAt ? text.seen(format.dateTime(one.lastSeenAt)) : text.never}
              </small>
            </span>
            <button
              type="button"
              className="op-plain"
              aria-label={text.remove(one.name)}
              onClick={() => does(call(removeKiosk, { params: { kioskId: one.id } }))}
            >
              <Trash2 size={22} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      <footer>
        <Back onClose={onClose} />
        {kiosk && (
          <button type="button" className="op-dialog-back" onClick={() => does(call(releaseKiosk))} data-testid="kiosk-release">
            {text.release}
          </button>
        )}
        <button type="button" className="op-dialog-press" onClick={bind} data-testid="kiosk-bind">
          {kiosk ? text.rebind : text.bind}
        </button>
      </footer>
    </OperatorDialog>
  )
}
