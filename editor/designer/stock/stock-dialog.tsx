/** The stock editor's own dialog of a node, in the place of our form. */
import { Alert, Button, Skeleton } from '@mantine/core'
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef, useState, useSyncExternalStore } from 'react'
import { may, useMe } from '../../shared/me.ts'
import type { DesignerHost } from '../host/designer-host.ts'
import { useHost } from '../host/use-host.ts'
import { labelOf } from '../model/scene.ts'
import { type DialogEnd, StockFrame } from './stock-frame.ts'
import { useStockText } from './text.ts'
import './stock.css'

export interface StockDialogHandle {
  /** Ends the dialog as its Done button does. Resolves when what it changed stands in the flows. */
  save(): Promise<void>
  cancel(): Promise<void>
  readonly isTouched: boolean
}

interface StockDialogProps {
  nodeId: string
  /** It was closed in itself: by Done, Cancel or Escape, or the node was removed in it. */
  onEnd: (end: DialogEnd) => void
  /** In its place while the dialogs cannot be loaded: the plain form. */
  fallback?: ReactNode
  ref?: Ref<StockDialogHandle>
}

const frames = new WeakMap<object, StockFrame>()

function labelOfNode({ workspace }: DesignerHost, id: string): string {
  const node = workspace.model.get(id)
  return node ? labelOf(node, workspace.types.get(node.type)) : id
}

/** The page's one frame. */
export function useStockFrame(): StockFrame {
  const host = useHost()
  let frame = frames.get(host)
  if (!frame) {
    frame = new StockFrame(host.workspace)
    frames.set(host, frame)
  }
  return frame
}

/**
 * Fills its place with the dialog. Going away while it is open counts as Done when something was changed in it, as with our own
 * forms; it can be undone.
 */
export function StockDialog({ nodeId, onEnd, fallback, ref }: StockDialogProps) {
  const text = useStockText()
  const frame = useStockFrame()
  const { me } = useMe()
  const isReadOnly = !may(me, 'flows.deploy')
  const place = useRef<HTMLDivElement>(null)
  const [problem, setProblem] = useState<'failed'>()
  const [tries, setTries] = useState(0)
  const openId = useSyncExternalStore(frame.watch, () => frame.openId)
  const state = useSyncExternalStore(frame.watch, () => frame.state)
  const end = useRef(onEnd)
  end.current = onEnd
  /** It is being ended from outside, and whoever does that knows. */
  const isAsked = useRef(false)
  const picking = useSyncExternalStore(frame.watch, () => frame.picking)
  const label = labelOfNode(useHost(), nodeId)

  useImperativeHandle(
    ref,
    () => ({
      save: () => {
        isAsked.current = true
        return frame.finish('save')
      },
      cancel: () => {
        isAsked.current = true
        return frame.finish('cancel')
      },
      get isTouched() {
        return frame.isTouched
      },
    }),
    [frame],
  )

  // biome-ignore lint/correctness/useExhaustiveDependencies: another try opens it again; another name or language does not
  useEffect(() => {
    // until it is known who this is, it is not known whether they may change anything
    if (!me) return
    let isGone = false
    let isOpened = false
    isAsked.current = false
    setProblem(undefined)
    const opening = frame.open(nodeId, { isReadOnly, title: text.frame(label), onEnd: (how) => !isGone && !isAsked.current && end.current(how) }).then(
      () => {
        isOpened = true
        if (!isGone) frame.focus()
      },
      (error: unknown) => {
        console.warn('a dialog could not be opened', error)
        if (!isGone) setProblem('failed')
      },
    )
    return () => {
      isGone = true
      void opening.then(() => {
        if (isOpened && frame.openId === nodeId) void frame.finish()
      })
    }
  }, [frame, nodeId, me, isReadOnly, tries])

  useEffect(() => {
    const element = place.current
    if (!element || problem) return
    const lay = () => frame.lay(element.getBoundingClientRect())
    lay()
    const observer = new ResizeObserver(lay)
    observer.observe(element)
    observer.observe(document.documentElement)
    // the panel may be moved without being made larger: by a banner above it, by scrolling
    window.addEventListener('scroll', lay, true)
    window.addEventListener('resize', lay)
    const timer = setInterval(lay, 250)
    return () => {
      observer.disconnect()
      window.removeEventListener('scroll', lay, true)
      window.removeEventListener('resize', lay)
      clearInterval(timer)
      frame.lay(undefined)
    }
  }, [frame, problem])

  if (problem) {
    return (
      <>
        <Alert color="gray" variant="light" className="stock-problem" data-testid="stock-problem">
          <p>{state.is === 'failed' && state.why === 'signed-out' ? text.signedOut : text.failed}</p>
          <Button size="compact-sm" variant="default" onClick={() => setTries(tries + 1)}>
            {text.again}
          </Button>
        </Alert>
        {fallback}
      </>
    )
  }
  return (
    <div
      ref={place}
      className="stock-place"
      data-testid="stock-place"
      data-open={openId === nodeId || undefined}
      data-picking={picking !== undefined || undefined}
    >
      {picking && <p className="stock-loading">{picking.isSingle ? text.pick.one : text.pick.some}</p>}
      {/* whoever comes here by Tab goes on inside */}
      {openId === nodeId && <button type="button" className="only-read" onFocus={() => frame.focus()} tabIndex={0} aria-label={text.into} />}
      {openId !== nodeId && (
        <div className="stock-loading" role="status" aria-label={text.loading}>
          <Skeleton height={34} />
          <Skeleton height={34} />
          <Skeleton height={120} />
          {state.is === 'loading' && <p>{text.loading}</p>}
        </div>
      )}
    </div>
  )
}
