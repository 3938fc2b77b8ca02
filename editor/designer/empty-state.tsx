/** What stands where nothing is yet: the ways to begin. */
import { notifications } from '@mantine/notifications'
import { Factory, FileInput, GraduationCap, LoaderCircle, MousePointerClick } from 'lucide-react'
import { useState } from 'react'
import { startDemo } from '../../server/api/flows.ts'
import { ApiError, call } from '../shared/api.ts'
import { may, useMe } from '../shared/me.ts'
import { useCommonText } from '../shared/theme.tsx'
import { keyText } from './find/key-words.ts'
import { useFindText } from './find/text.ts'
import { useAllActions } from './host/use-host.ts'
import { kindOf } from './model/raw.ts'
import { useDesignerText } from './text.ts'
import { useWorkspace } from './use-workspace.ts'

export function EmptyFlows({ onImport, onStarted }: { onImport: () => void; onStarted: () => void }) {
  const text = useDesignerText().empty
  const common = useCommonText()
  const find = useFindText()
  const tour = useAllActions().find(({ id }) => id === 'help.tour')
  const { me } = useMe()
  const [isBusy, setBusy] = useState(false)
  const demo = async () => {
    setBusy(true)
    try {
      await call(startDemo, { body: { timeScale: 10 } })
      onStarted()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      notifications.show({ color: 'red', title: common.failed, message: error.message, autoClose: 12_000 })
    }
    setBusy(false)
  }
  return (
    <div className="designer-empty" data-testid="empty">
      <h2>{text.title}</h2>
      <p>{text.text}</p>
      <div className="empty-ways">
        {may(me, 'flows.code') && (
          <button type="button" onClick={() => void demo()} disabled={isBusy} data-testid="start-demo">
            {isBusy ? <LoaderCircle size={24} aria-hidden className="spin" /> : <Factory size={24} aria-hidden />}
            <strong>{isBusy ? text.demoBusy : text.demo}</strong>
            <span>{text.demoText}</span>
          </button>
        )}
        <div>
          <MousePointerClick size={24} aria-hidden />
          <strong>{text.drag}</strong>
          <span>{text.dragText}</span>
        </div>
        <button type="button" onClick={() => tour?.run(undefined)} data-testid="empty-tour">
          <GraduationCap size={24} aria-hidden />
          <strong>{find.tour.title}</strong>
          <span>{find.actions.tour}</span>
        </button>
        <button type="button" onClick={onImport} data-testid="empty-import">
          <FileInput size={24} aria-hidden />
          <strong>{text.import}</strong>
          <span>{text.importText}</span>
        </button>
      </div>
    </div>
  )
}

/** A tab with nothing on it says how to begin, in one line. */
export function EmptyTab() {
  const text = useDesignerText().empty
  const find = useFindText()
  const tour = useAllActions().find(({ id }) => id === 'help.tour')
  const { model, place } = useWorkspace('model', 'place')
  if (place === undefined) return null
  const shown = model.get(place)
  const isEmpty = shown && kindOf(shown) === 'tab' && !model.childrenOf(place).some((node) => kindOf(node) !== 'config')
  return isEmpty ? (
    <div className="designer-hint">
      <p>{text.tab}</p>
      <p className="hint-keys">
        <kbd>A</kbd> {find.actions.addNode} <kbd>{keyText('Ctrl+K', find.keys)}</kbd> {find.actions.findAnything}
      </p>
      {tour && (
        <button type="button" onClick={() => tour.run(undefined)} data-testid="hint-tour">
          {find.actions.tour}
        </button>
      )}
    </div>
  ) : null
}
