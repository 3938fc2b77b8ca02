/** The page's line to the server: loads the flows, listens to the live topics, and asks before something is lost. */
import { notifications } from '@mantine/notifications'
import { useEffect, useRef } from 'react'
import { live } from '../shared/live.ts'
import { may, useMe } from '../shared/me.ts'
import type { FlowSession } from './deploy/session.ts'
import type { DebugLog } from './panels/debug-log.ts'
import { useDesignerText } from './text.ts'
import type { Workspace } from './workspace.ts'

export function useConnection(session: FlowSession, workspace: Workspace, log: DebugLog) {
  const text = useDesignerText()
  const { me } = useMe()
  const mayView = may(me, 'flows.view')
  const owner = me?.userId
  const words = useRef(text)
  words.current = text
  useEffect(() => {
    if (!mayView) return
    session.onReloaded = (by) => notifications.show({ message: words.current.conflict.reloaded(by ?? words.current.conflict.someone) })
    session.draft.owner = owner ?? ''
    void session.open()
    const ends = [
      live().subscribe(
        'deploys',
        (last) => {
          for (const progress of last) session.heardProgress(progress)
        },
        (progress) => session.heardProgress(progress),
      ),
      live().subscribe(
        'flows',
        (news) => session.heard(news),
        (news) => session.heard(news),
      ),
      live().subscribe(
        'node-status',
        (statuses) => workspace.setStatuses(statuses, true),
        (statuses) => workspace.setStatuses(statuses, false),
      ),
      live().subscribe(
        'debug',
        (messages) => {
          log.refusal = undefined
          log.addMissed(messages)
        },
        (messages) => log.add(messages),
        (refusal) => {
          log.refusal = refusal.message
        },
      ),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [session, workspace, log, mayView, owner])

  // what is drawn is kept as a draft; leaving asks only where something would be lost
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (!session.draft.isSafe || workspace.secrets.waiting.size > 0) event.preventDefault()
    }
    const leave = () => session.draft.leave()
    addEventListener('beforeunload', ask)
    addEventListener('pagehide', leave)
    return () => {
      removeEventListener('beforeunload', ask)
      removeEventListener('pagehide', leave)
    }
  }, [session, workspace])
}
