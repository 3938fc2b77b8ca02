/** Drafts, deploys and versions: their actions, the check list, what is compared on the canvas, and what came of a deploy. */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { GitCompare, GitMerge, History, ListChecks, RotateCcw, ShieldCheck, Trash2 } from 'lucide-react'
import { useEffect, useMemo, useRef } from 'react'
import { formats, useLanguage } from '../../shared/text/index.ts'
import type { Action, ActionTarget } from '../host/action.ts'
import type { DesignerHost } from '../host/designer-host.ts'
import { useActions, useHost } from '../host/use-host.ts'
import { useDesignerText } from '../text.ts'
import { useSession } from '../use-session.ts'
import { CompareBar, OverCanvas } from './compare-bar.tsx'
import { refusalWords, useFindingText } from './finding-words.ts'
import { ReviewDialog } from './review-dialog.tsx'
import { showPanel } from './show-panel.ts'
import { TestsDialog } from './tests-dialog.tsx'
import { type DeployText, useDeployText } from './text.ts'

export function DeployFeature() {
  const text = useDeployText()
  const host = useHost()
  useActions(useMemo(() => actionsOf(host, text), [host, text]))
  useOutcome()
  useOthers()
  return (
    <>
      <BroughtBackNote />
      <CompareBar />
      <ReviewDialog />
      <TestsDialog />
    </>
  )
}

function actionsOf(host: DesignerHost, text: DeployText): Action[] {
  const { session, workspace } = host
  const { comparison } = session
  const words = text.actions
  const nothing = () => (session.hasWork ? undefined : words.nothing)
  const notComparing = () => (comparison.against ? undefined : words.notComparing)
  return [
    {
      id: 'deploy.review',
      title: words.review,
      words: words.reviewWords,
      group: 'deploy',
      icon: ListChecks,
      keys: ['Ctrl+Alt+D'],
      isEverywhere: true,
      isInMenu: true,
      run: () => void session.review(session.kind),
    },
    {
      id: 'deploy.check',
      title: words.check,
      words: words.checkWords,
      group: 'deploy',
      icon: ShieldCheck,
      run: () => {
        void session.check()
        showPanel(host, 'problems')
      },
    },
    {
      id: 'deploy.compare',
      title: words.compare,
      words: words.compareWords,
      group: 'deploy',
      icon: GitCompare,
      keys: ['Alt+D'],
      isInMenu: true,
      on: ['nothing'],
      isOn: () => comparison.against !== undefined,
      whyNot: () => (comparison.against ? undefined : nothing()),
      run: () => (comparison.against ? comparison.end() : comparison.begin({ is: 'running' })),
    },
    { id: 'deploy.nextDifference', title: words.nextDifference, group: 'navigate', keys: ['Alt+N'], whyNot: notComparing, run: () => void comparison.step(1) },
    {
      id: 'deploy.previousDifference',
      title: words.previousDifference,
      group: 'navigate',
      keys: ['Alt+Shift+N'],
      whyNot: notComparing,
      run: () => void comparison.step(-1),
    },
    {
      id: 'deploy.discard',
      title: words.discard,
      words: words.discardWords,
      group: 'deploy',
      icon: Trash2,
      isInMenu: true,
      whyNot: nothing,
      run: () => {
        session.discard()
        notifications.show({ message: text.draft.discarded })
      },
    },
    {
      id: 'deploy.merge',
      title: words.merge,
      group: 'deploy',
      icon: GitMerge,
      whyNot: () => (session.newer ? undefined : words.nothingNewer),
      run: () => void session.lookAtNewer(),
    },
    {
      id: 'deploy.versions',
      title: words.versions,
      words: words.versionsWords,
      group: 'deploy',
      icon: History,
      run: () => showPanel(host, 'versions'),
    },
    {
      id: 'deploy.revert',
      title: words.revert,
      words: words.revertWords,
      group: 'edit',
      icon: RotateCcw,
      on: ['node', 'group'],
      isShown: (target) => changedOf(host, target).length > 0,
      whyNot: (target) => (changedOf(host, target).length > 0 ? undefined : words.nothing),
      run: (target) => {
        const ids = changedOf(host, target)
        const { model } = workspace
        model.edit('discard', (draft) => {
          for (const id of ids) {
            const was = model.deployed().get(id)
            if (was) draft.put(was)
          }
        })
      },
    },
  ]
}

/** What differs from what runs, and runs: of the target, or of what is selected. */
function changedOf({ workspace }: DesignerHost, target: ActionTarget | undefined): string[] {
  const { model, selection } = workspace
  const hit = target?.hit.on === 'node' || target?.hit.on === 'group' ? target.hit.id : undefined
  const ids = hit !== undefined && !selection.has(hit) ? [hit] : [...selection]
  return ids.filter((id) => model.dirty.has(id) && model.deployed().has(id))
}

/** Says what came of our deploy. */
function useOutcome() {
  const designer = useDesignerText()
  const text = useDeployText()
  const host = useHost()
  const session = useSession()
  const { deploy } = session
  const findings = useFindingText()
  const words = useRef({ designer, text, findings })
  words.current = { designer, text, findings }
  useEffect(() => {
    session.onStopped = () => notifications.show({ message: words.current.text.tests.stopped })
  }, [session])
  useEffect(() => {
    const { designer, text, findings } = words.current
    if (deploy.is === 'deploying') notifications.hide('deploy-failed')
    else if (deploy.is === 'done') {
      host.say(text.progress.done)
      const { comment } = deploy
      notifications.show({
        id: 'deploy',
        title: text.progress.done,
        message: comment || (
          <span className="deploy-done">
            {designer.deploy.doneText}
            <Button
              variant="subtle"
              size="compact-xs"
              onClick={() => {
                notifications.hide('deploy')
                showPanel(host, 'versions')
              }}
              data-testid="deploy-say-why"
            >
              {text.progress.sayWhy}
            </Button>
          </span>
        ),
        autoClose: 5_000,
      })
    } else if (deploy.is === 'failed' && deploy.code === 'change-requested') {
      const { requestId = '', flows = [] } = deploy.details as { requestId?: string; flows?: { name: string }[] }
      const said = text.progress.requestedText(flows.map(({ name }) => name).join(', '))
      host.say(`${text.progress.requested}. ${said}`)
      notifications.show({
        id: 'deploy-requested',
        title: text.progress.requested,
        message: (
          <span className="deploy-done">
            {said}
            <Button component="a" href={`/history#requests/${encodeURIComponent(requestId)}`} variant="subtle" size="compact-xs" data-testid="to-request">
              {text.progress.toRequest}
            </Button>
          </span>
        ),
        autoClose: 15_000,
      })
    } else if (deploy.is === 'failed' && !deploy.tests) {
      const { problems } = deploy
      const why = refusalWords(findings, deploy)
      const message = problems.length ? `${why} ${designer.deploy.failedProblems(problems.length)}` : why
      host.say(`${text.progress.failed}. ${message}`)
      notifications.show({ id: 'deploy-failed', color: 'red', title: text.progress.failed, message, autoClose: 8_000 })
    }
  }, [deploy, host])
}

/** Says that somebody else deploys, as long as they do. */
function useOthers() {
  const text = useDeployText().progress
  const { progress, deploy } = useSession()
  const seen = useRef<string>(undefined)
  useEffect(() => {
    if (!progress) return
    const isOurs = deploy.is === 'deploying' && deploy.id === progress.id
    const isOver = ['running', 'refused', 'undone'].includes(progress.stage)
    if (isOurs || (isOver && seen.current !== progress.id)) return
    if (isOver) {
      seen.current = undefined
      notifications.hide('deploy-other')
      return
    }
    const shown = { id: 'deploy-other', message: text.other(progress.by, text.stages[progress.stage]), loading: true, autoClose: false as const }
    if (seen.current === progress.id) notifications.update(shown)
    else notifications.show(shown)
    seen.current = progress.id
  }, [progress, deploy, text])
}

/** The draft of last time is back: says so once, with the ways on. */
function BroughtBackNote() {
  const text = useDeployText().draft
  const session = useSession()
  const format = formats(useLanguage())
  const { broughtBack } = session
  if (!broughtBack) return null
  const { at, count, isMerged } = broughtBack
  return (
    <OverCanvas>
      <section className="draft-back" role="status" data-testid="draft-back">
        <span>{(isMerged ? text.backMerged : text.back)(count, format.dateTime(at))}</span>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            session.seeBroughtBack()
            session.comparison.begin({ is: 'running' })
          }}
          data-testid="draft-back-show"
        >
          {text.show}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            session.discard()
            notifications.show({ message: text.discarded })
          }}
          data-testid="draft-back-discard"
        >
          {text.discard}
        </Button>
        <Button size="compact-sm" onClick={() => session.seeBroughtBack()} data-testid="draft-back-ok">
          {text.ok}
        </Button>
      </section>
    </OverCanvas>
  )
}
