/** Rehearsals in the designer: its action, panel, picture on the canvas and legend. */
import './rehearsal.css'
import './tests.css'
import { Theater } from 'lucide-react'
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { may, useMe } from '../../shared/me.ts'
import type { FlowCanvas } from '../canvas/flow-canvas.ts'
import { theOne } from '../find/base-actions.ts'
import type { Action, ActionTarget } from '../host/action.ts'
import type { DesignerHost, SidePanel } from '../host/designer-host.ts'
import { useCanvas } from '../host/use-canvas.ts'
import { useActions, useHost, usePanels } from '../host/use-host.ts'
import { kindOf } from '../model/raw.ts'
import { Legend } from './legend.tsx'
import { rehearsalLayer, rehearsalMarks } from './on-canvas.ts'
import { RehearsalPanel } from './rehearsal-panel.tsx'
import { RehearsalStore } from './rehearsal-store.ts'
import { headOf } from './result-words.ts'
import { stepFor } from './steps.ts'
import { type RehearsalText, useRehearsalText } from './text.ts'

const PANEL = 'rehearsal'

export function RehearsalFeature() {
  const host = useHost()
  const canvas = useCanvas()
  const text = useRehearsalText()
  const { me } = useMe()
  const mayRehearse = may(me, 'flows.deploy')
  const [store] = useState(() => new RehearsalStore(host.workspace))
  const words = useRef(text)
  words.current = text

  useEffect(() => {
    store.reopen()
    return () => store.close()
  }, [store])
  useEffect(() => {
    store.onEnded = (result) => host.say(words.current.said.ended(headOf(result.report, words.current), result.report.coverage.nodesMissed.length))
    store.onTested = ({ name }, isMet) => host.say(words.current.said.test(name, isMet))
  }, [host, store])
  usePicture(canvas, store, words)
  useRunAddress({ host, store, mayRehearse })

  useActions(useMemo(() => (me ? rehearsalActions({ host, store, text, mayRehearse }) : []), [host, store, text, me, mayRehearse]))
  usePanels(
    useMemo(
      (): SidePanel[] =>
        mayRehearse
          ? [{ id: PANEL, title: text.title, icon: Theater, order: 23, body: ({ onClose }) => <RehearsalPanel store={store} onClose={onClose} /> }]
          : [],
      [store, text, mayRehearse],
    ),
  )
  useSyncExternalStore(store.watch, store.version)
  return store.coverage && store.isPanelShown ? <Legend store={store} /> : null
}

/** `#rehearse/run/<id>`: a case of that run, in the panel. */
function useRunAddress({ host, store, mayRehearse }: { host: DesignerHost; store: RehearsalStore; mayRehearse: boolean }): void {
  const { page } = host
  useEffect(() => {
    if (!mayRehearse || !page) return
    const look = () => {
      const runId = /^#rehearse\/run\/([A-Za-z0-9_-]{1,64})$/.exec(location.hash)?.[1]
      if (runId === undefined) return
      history.replaceState(null, '', location.pathname + location.search)
      const { session } = host
      const open = () => {
        if (session.load.is !== 'loaded') return false
        store.openRun(runId).then(
          (flowId) => {
            host.workspace.open(flowId)
            if (!store.isPanelShown) page.openPanel(PANEL)
          },
          (error: unknown) => {
            store.failure = error
            store.show('rehearse')
            if (!store.isPanelShown) page.openPanel(PANEL)
          },
        )
        return true
      }
      if (open()) return
      const end = session.watch(() => {
        if (open()) end()
      })
    }
    look()
    window.addEventListener('hashchange', look)
    return () => window.removeEventListener('hashchange', look)
  }, [host, page, store, mayRehearse])
}

/** Draws what was reached, anew when there is another result. */
function usePicture(canvas: FlowCanvas | undefined, store: RehearsalStore, words: { current: RehearsalText }): void {
  useEffect(() => {
    if (!canvas) return
    const probe = document.createElement('span')
    probe.className = 'rehearsal-probe'
    probe.hidden = true
    document.body.append(probe)
    let drawn: unknown
    const ends = [
      canvas.addMarks(rehearsalMarks(store, () => words.current)),
      canvas.addLayer(rehearsalLayer(store, () => getComputedStyle(probe).color)),
      store.watch(() => {
        const shown = store.isPanelShown ? store.coverage : undefined
        if (shown === drawn) return
        drawn = shown
        canvas.redrawFaces()
        canvas.draw()
      }),
    ]
    return () => {
      for (const end of ends) end()
      probe.remove()
    }
  }, [canvas, store, words])
}

function rehearsalActions(parts: { host: DesignerHost; store: RehearsalStore; text: RehearsalText; mayRehearse: boolean }): Action[] {
  const { host, store, text, mayRehearse } = parts
  const { workspace } = host
  const nodeOf = (target: ActionTarget | undefined) => {
    const id = theOne(host, target)
    return id === undefined ? undefined : workspace.model.get(id)
  }
  const whyNot = () => {
    if (!mayRehearse) return text.whyNot.right
    const place = workspace.place === undefined ? undefined : workspace.model.get(workspace.place)
    if (!place) return text.whyNot.noFlow
    return kindOf(place) === 'subflow' ? text.whyNot.subflow : store.isBusy ? text.whyNot.busy : undefined
  }
  const open = () => {
    if (!store.isPanelShown) host.page?.openPanel(PANEL)
  }
  return [
    {
      id: 'rehearse',
      title: text.action,
      words: text.words,
      group: 'debug',
      icon: Theater,
      keys: ['Alt+R'],
      isEverywhere: true,
      isInMenu: true,
      on: ['nothing'],
      whyNot,
      run() {
        store.show('rehearse')
        open()
      },
    },
    {
      id: 'rehearse.here',
      title: text.actionHere,
      words: text.words,
      group: 'debug',
      icon: Theater,
      on: ['node'],
      isShown: (target) => {
        const node = nodeOf(target)
        return !target || (node !== undefined && stepFor(node, workspace) !== undefined)
      },
      whyNot: (target) => {
        const node = nodeOf(target)
        return whyNot() ?? (node && stepFor(node, workspace) ? undefined : text.whyNot.notHere)
      },
      run(target) {
        const node = nodeOf(target)
        const { place } = workspace
        if (!node || place === undefined) return
        const { answers } = store.caseOf(place)
        store.setCase(place, { steps: store.propose(place, node.id), answers })
        store.show('rehearse')
        open()
      },
    },
  ]
}
