/** The page's line to the server: loads the flows, listens to the live topics, and says what came of a deploy. */
import { notifications } from '@mantine/notifications'
import { type RefObject, useEffect, useRef } from 'react'
import { live } from '../shared/live.ts'
import { may, useMe } from '../shared/me.ts'
import type { CanvasHandle } from './canvas/canvas-view.tsx'
import type { FlowSession } from './deploy/session.ts'
import type { DebugLog } from './panels/debug-log.ts'
import { useDesignerText } from './text.ts'
import type { Workspace } from './workspace.ts'

export function useConnection(session: FlowSession, workspace: Workspace, log: DebugLog, handle: RefObject<CanvasHandle | null>) {
  const text = useDesignerText()
  const { me } = useMe()
  const mayView = may(me, 'flows.view')
  const words = useRef(text)
  words.current = text
  useEffect(() => {
    if (!mayView) return
    session.onReloaded = (by) => notifications.show({ message: words.current.conflict.reloaded(by ?? words.current.conflict.someone) })
    void session.open()
    const ends = [
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
        () => {
          log.refusal = undefined
        },
        (message) => log.add(message),
        (refusal) => {
          log.refusal = refusal.message
        },
      ),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [session, workspace, log, mayView])

  const { deploy } = session
  useEffect(() => {
    if (deploy.is === 'deploying') notifications.hide('deploy-failed')
    else if (deploy.is === 'done') {
      handle.current?.say(words.current.deploy.done)
      notifications.show({ id: 'deploy', title: words.current.deploy.done, message: words.current.deploy.doneText, autoClose: 3_000 })
    } else if (deploy.is === 'failed') {
      const { problems } = deploy
      notifications.show({
        id: 'deploy-failed',
        color: 'red',
        title: words.current.deploy.failed,
        message: problems.length ? `${deploy.message} ${words.current.deploy.failedProblems(problems.length)}` : deploy.message,
        autoClose: 8_000,
      })
    }
  }, [deploy, handle])

  // leaving with changes asks, as every editor does
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (workspace.model.isDirty) event.preventDefault()
    }
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [workspace])
}
