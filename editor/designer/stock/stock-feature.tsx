/** Loads the stock dialogs in a quiet moment, and shows what is to be done when one wants nodes picked on the canvas. */
import { Button } from '@mantine/core'
import { useEffect, useSyncExternalStore } from 'react'
import { createPortal } from 'react-dom'
import { may, useMe } from '../../shared/me.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { useHost } from '../host/use-host.ts'
import { useSession } from '../use-session.ts'
import { useWorkspace } from '../use-workspace.ts'
import { useStockFrame } from './stock-dialog.tsx'
import type { Picking } from './stock-frame.ts'
import { useStockText } from './text.ts'

/** After the page has shown its flows: loading takes some seconds of a slow machine. */
const QUIET_MS = 4000

export function StockFeature() {
  const frame = useStockFrame()
  const { me } = useMe()
  const session = useSession()
  const language = useLanguage()
  const picking = useSyncExternalStore(frame.watch, () => frame.picking)
  const isWanted = may(me, 'flows.view') && session.load.is === 'loaded'

  useEffect(() => frame.speak(language), [frame, language])
  // another language takes another page: it is loaded again
  // biome-ignore lint/correctness/useExhaustiveDependencies: the frame knows the language
  useEffect(() => {
    if (!isWanted) return
    let idle = 0
    const timer = setTimeout(() => {
      if ('requestIdleCallback' in window) idle = requestIdleCallback(() => frame.preload(), { timeout: 20_000 })
      else frame.preload()
    }, QUIET_MS)
    return () => {
      clearTimeout(timer)
      if (idle) cancelIdleCallback(idle)
    }
  }, [frame, isWanted, language])
  useEffect(() => () => frame.close(), [frame])
  // a deploy takes along what stands in the open form, as with our own
  useEffect(() => {
    const finish = () => frame.finish()
    session.openForms.add(finish)
    const press = (event: PointerEvent) => {
      // the button is for changes only, and what is in the frame is not known to be one before it is saved
      if ((event.target as Element | null)?.closest?.('.deploy')) void frame.finish()
    }
    document.addEventListener('pointerdown', press, true)
    return () => {
      session.openForms.delete(finish)
      document.removeEventListener('pointerdown', press, true)
    }
  }, [frame, session])

  const canvas = picking && document.querySelector('.designer-canvas')
  return canvas ? createPortal(<PickBar picking={picking} />, canvas) : null
}

function PickBar({ picking }: { picking: Picking }) {
  const text = useStockText().pick
  const host = useHost()
  const workspace = useWorkspace('selection')
  const chosen = [...workspace.selection].filter((id) => picking.fits(id))
  const [first] = chosen

  useEffect(() => {
    const before = [...workspace.selection]
    workspace.select(picking.selected.filter((id) => workspace.model.get(id)))
    host.focus()
    host.say(picking.isSingle ? text.one : text.some)
    return () => workspace.select(before.filter((id) => workspace.model.get(id)))
  }, [picking, workspace, host, text])
  // one is enough: the first press is the choice
  useEffect(() => {
    if (picking.isSingle && first !== undefined && !picking.selected.includes(first)) picking.choose([first])
  }, [picking, first])
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' && !(event.key === 'Enter' && (event.ctrlKey || event.metaKey))) return
      event.preventDefault()
      event.stopPropagation()
      if (event.key === 'Escape') picking.cancel()
      else picking.choose(chosen)
    }
    window.addEventListener('keydown', key, true)
    return () => window.removeEventListener('keydown', key, true)
  }, [picking, chosen])

  return (
    <div className="stock-pick" role="toolbar" aria-label={text.label} data-testid="stock-pick">
      <span>{picking.isSingle ? text.one : text.some}</span>
      {!picking.isSingle && <span className="cw-numbers">{text.chosen(chosen.length)}</span>}
      <Button size="compact-md" variant="default" onClick={() => picking.cancel()} data-testid="stock-pick-cancel">
        {text.cancel}
      </Button>
      {!picking.isSingle && (
        <Button size="compact-md" onClick={() => picking.choose(chosen)} data-testid="stock-pick-done">
          {text.done}
        </Button>
      )}
    </div>
  )
}
