/** The running flows on the canvas and beside it: activity on wires, errors and times at nodes, the last message, the activity panel. */
import './live.css'
import { notifications } from '@mantine/notifications'
import { Activity as ActivityIcon, CircleAlert, Eraser, Hash, MessageSquareText, Pause, Timer, X } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { live } from '../../shared/live.ts'
import { may, useMe } from '../../shared/me.ts'
import type { FlowCanvas } from '../canvas/flow-canvas.ts'
import type { Action, ActionTarget } from '../host/action.ts'
import type { DesignerHost, SidePanel } from '../host/designer-host.ts'
import { useCanvas } from '../host/use-canvas.ts'
import { useActions, useHost, usePanels } from '../host/use-host.ts'
import { ActivityPanel } from './activity-panel.tsx'
import { ActivityStore } from './activity-store.ts'
import { Card, type CardTarget } from './card.tsx'
import { useLiveFormats } from './format.ts'
import { createLastMessages } from './last-messages.ts'
import { marksOf } from './node-marks.ts'
import { liveSettings, setLiveSettings, watchLiveSettings } from './settings.ts'
import { tabErrors } from './tab-errors.ts'
import { useLiveText } from './text.ts'
import { useCard } from './use-card.ts'
import { lookOf } from './view.ts'
import { createWireLayer, FAR_ZOOM, GLOW_MS } from './wire-layer.ts'

/** The window may move at every frame; the server is told where it is this often. */
const LOOK_EVERY_MS = 200
/** Faces are drawn anew this often at most, while figures change all the time. */
const FACES_EVERY_MS = 500
const GLOW_STEP_MS = 100
/** A whole large flow is not painted ten times a second for a glow of a pixel. */
const GLOW_FAR_STEP_MS = 400

export function LiveFeature() {
  const host = useHost()
  const canvas = useCanvas()
  const [store] = useState(() => new ActivityStore())
  const [isPanelShown, setPanelShown] = useState(false)
  const cards = useCard()
  const { me } = useMe()
  const mayView = may(me, 'flows.view')
  const maySee = may(me, 'flows.messages')

  useEffect(() => {
    if (!maySee) return
    const messages = createLastMessages()
    host.lastMessages = messages
    return () => {
      if (host.lastMessages === messages) host.lastMessages = undefined
    }
  }, [host, maySee])
  useLooking({ host, canvas, store, isPanelShown, mayView })
  usePicture(canvas, store)
  useLiveActions(store, cards.open)
  const text = useLiveText().panel
  usePanels(
    useMemo(
      (): SidePanel[] => [
        {
          id: 'activity',
          title: text.title,
          icon: ActivityIcon,
          order: 25,
          body: ({ onClose }) => <ActivityPanel store={store} onShown={setPanelShown} onClose={onClose} />,
        },
      ],
      [store, text],
    ),
  )

  const { card, close } = cards
  const closeCard = useCallback(() => {
    close()
    host.focus()
  }, [close, host])
  return card ? <Card card={card} store={store} onPin={cards.pin} onClose={closeCard} onNear={cards.near} /> : null
}

/** Tells the server what is in view, and takes what it tells. Nothing while the page is not seen. */
function useLooking(options: { host: DesignerHost; canvas: FlowCanvas | undefined; store: ActivityStore; isPanelShown: boolean; mayView: boolean }): void {
  const { host, canvas, store, isPanelShown, mayView } = options
  const withOverview = useRef(isPanelShown)
  const lookAgain = useRef<() => void>(undefined)
  useEffect(() => {
    withOverview.current = isPanelShown
    lookAgain.current?.()
  }, [isPanelShown])

  useEffect(() => {
    if (!canvas || !mayView) return
    let looking: ReturnType<ReturnType<typeof live>['look']> | undefined
    let told = ''
    const begin = () => {
      looking = live().look(
        'activity',
        (news) => {
          store.refusal = undefined
          store.take(news)
          tabErrors.take(news)
        },
        ({ message }) => store.refused(message),
      )
      told = ''
    }
    const look = () => {
      tabErrors.show(document.hidden ? undefined : host.workspace.place)
      if (document.hidden) {
        looking?.end()
        looking = undefined
        return
      }
      if (!looking) begin()
      const at = lookOf(canvas, host.workspace.place, { withOverview: withOverview.current })
      const text = JSON.stringify(at)
      if (text === told) return
      told = text
      looking?.look(at)
    }
    lookAgain.current = look
    look()
    const timer = setInterval(look, LOOK_EVERY_MS)
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
      lookAgain.current = undefined
      looking?.end()
    }
  }, [host, canvas, store, mayView])
}

/** Draws the figures on the canvas. */
function usePicture(canvas: FlowCanvas | undefined, store: ActivityStore): void {
  const { mark } = useLiveText()
  const format = useLiveFormats()
  useEffect(() => {
    if (!canvas) return
    const stillness = matchMedia('(prefers-reduced-motion: reduce)')
    const layer = canvas.addLayer(
      createWireLayer(store, { areCountsShown: () => liveSettings().areCountsShown, isStill: () => stillness.matches, formatCount: format.count }),
    )
    const source = marksOf(store, mark, format)
    const marks = canvas.addMarks(source)
    /** What the faces show, so that only those that change are drawn. */
    const shown = new Map<string, string>()
    let due: Set<string> | undefined
    let glow: ReturnType<typeof setTimeout> | undefined
    const drawFaces = () => {
      const changed: string[] = []
      for (const id of due ?? []) {
        const now = JSON.stringify(source(id) ?? null)
        if (now !== (shown.get(id) ?? 'null')) changed.push(id)
        shown.set(id, now)
      }
      due = undefined
      if (changed.length > 0) canvas.redrawFaces(changed)
    }
    let facesTimer: ReturnType<typeof setTimeout> | undefined
    /** Fading and wandering go on for a moment after the last news. */
    const keepGlowing = () => {
      glow ??= setTimeout(
        () => {
          glow = undefined
          canvas.draw()
          if (store.glowing(GLOW_MS + GLOW_STEP_MS).length > 0) keepGlowing()
        },
        canvas.view.zoom < FAR_ZOOM ? GLOW_FAR_STEP_MS : GLOW_STEP_MS,
      )
    }
    const end = store.watch((nodes) => {
      due ??= new Set()
      for (const id of nodes) due.add(id)
      facesTimer ??= setTimeout(() => {
        facesTimer = undefined
        drawFaces()
      }, FACES_EVERY_MS)
      if (canvas.view.zoom >= FAR_ZOOM) canvas.draw()
      keepGlowing()
    })
    // what takes the time now may take none in a moment, without any news of it
    const cooling = setInterval(() => {
      due ??= new Set()
      for (const [id, marks] of shown) if (marks !== 'null') due.add(id)
      drawFaces()
    }, 2000)
    const settings = watchLiveSettings(() => canvas.redrawFaces())
    return () => {
      end()
      settings()
      clearInterval(cooling)
      clearTimeout(facesTimer)
      clearTimeout(glow)
      marks()
      layer()
    }
  }, [canvas, store, mark, format])
}

function useLiveActions(store: ActivityStore, open: (target: CardTarget, at: { x: number; y: number }) => void): void {
  const text = useLiveText().actions
  const host = useHost()
  useActions(
    useMemo((): Action[] => {
      const targetOf = (target: ActionTarget | undefined): CardTarget | undefined => {
        if (target?.hit.on === 'wire' || target?.hit.on === 'node') return { on: target.hit.on, id: target.hit.id }
        if (target?.hit.on === 'port') return { on: 'node', id: target.hit.port.id }
        const { selection, selectedWires } = host.workspace
        const [wire] = selectedWires
        const [node] = [...selection].filter((id) => host.canvas?.scene.nodes.has(id))
        return wire !== undefined ? { on: 'wire', id: wire } : node !== undefined ? { on: 'node', id: node } : undefined
      }
      const whereOf = (meant: CardTarget): { x: number; y: number } => {
        const { canvas } = host
        const box = canvas?.area.views.get(meant.on === 'node' ? meant.id : (canvas.scene.wires.get(meant.id)?.to.id ?? ''))?.box
        if (!canvas || !box) return { x: innerWidth / 2, y: innerHeight / 3 }
        const { clientX, clientY } = canvas.view.toWindow({ x: box.x - (meant.on === 'wire' ? box.width / 2 : -box.width / 2), y: box.y })
        return { x: clientX, y: clientY }
      }
      return [
        {
          id: 'live.message',
          title: text.message,
          group: 'debug',
          icon: MessageSquareText,
          keys: ['M'],
          words: text.messageWords,
          on: ['wire', 'node', 'port'],
          whyNot: (target) => (targetOf(target) ? undefined : text.noTarget),
          run: (target) => {
            const meant = targetOf(target)
            if (meant) open(meant, target ? { x: target.window.clientX, y: target.window.clientY } : whereOf(meant))
          },
        },
        {
          id: 'live.panel',
          title: text.panel,
          group: 'debug',
          icon: ActivityIcon,
          words: text.panelWords,
          run: () => host.page?.openPanel('activity'),
        },
        {
          id: 'live.pauseDebug',
          title: text.pause,
          group: 'debug',
          icon: Pause,
          isOn: () => host.log.isPaused,
          run: () => host.log.pause(!host.log.isPaused),
        },
        { id: 'live.clearDebug', title: text.clear, group: 'debug', icon: Eraser, keys: ['Ctrl+Alt+L'], isEverywhere: true, run: () => host.log.clear() },
        {
          id: 'live.counts',
          title: text.counts,
          group: 'view',
          icon: Hash,
          words: text.countsWords,
          isOn: () => liveSettings().areCountsShown,
          run: () => setLiveSettings({ areCountsShown: !liveSettings().areCountsShown }),
        },
        {
          id: 'live.times',
          title: text.times,
          group: 'view',
          icon: Timer,
          words: text.timesWords,
          isOn: () => liveSettings().areTimesShown,
          run: () => setLiveSettings({ areTimesShown: !liveSettings().areTimesShown }),
        },
        {
          id: 'live.nextError',
          title: text.nextError,
          group: 'navigate',
          icon: CircleAlert,
          keys: ['Alt+E'],
          run: () => goToError(host, store, text.noErrors),
        },
        { id: 'live.clearErrors', title: text.clearErrors, group: 'debug', icon: X, words: text.clearErrorsWords, run: () => store.dismissErrors() },
      ]
    }, [host, store, open, text]),
  )
}

/** The next node with an error: on this tab in order, and then those that are known elsewhere. */
function goToError(host: DesignerHost, store: ActivityStore, none: string): void {
  const here = [...store.nodes.keys()].filter((id) => store.errorOf(id))
  const all = [...new Set([...here, ...store.errors.map(({ id }) => id)])].filter((id) => host.workspace.model.get(id))
  const [selected] = host.workspace.selection
  const next = all[(all.indexOf(selected ?? '') + 1) % Math.max(1, all.length)]
  if (next === undefined) {
    host.say(none)
    notifications.show({ message: none })
    return
  }
  host.workspace.reveal(next)
  const error = store.errorOf(next)
  if (error) host.say(error.text)
}
