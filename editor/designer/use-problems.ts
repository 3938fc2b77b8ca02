/** Keeps the workspace's list of problems up to date. */
import { useEffect, useState } from 'react'
import type { FlowProblem } from '../../server/api/flows.ts'
import type { WrongWords } from './config/check.ts'
import { findProblems } from './config/find-problems.ts'
import { findingWords, refusalWords, useFindingText } from './deploy/finding-words.ts'
import type { FlowNode } from './model/raw.ts'
import { useSession } from './use-session.ts'
import { useWorkspace } from './use-workspace.ts'

/** Problems as one draws: those seen here, and the server's until what they are about is changed. */
export function useProblems(words: WrongWords) {
  const workspace = useWorkspace('model', 'types')
  const { deploy, lastCheck } = useSession()
  const text = useFindingText()
  const [fromServer, setFromServer] = useState<readonly { problem: FlowProblem; node: FlowNode | undefined }[]>([])
  const version = workspace.version('model') + workspace.version('types')
  const { model } = workspace
  useEffect(() => {
    if (deploy.is === 'failed') {
      const list: FlowProblem[] = deploy.problems.length ? deploy.problems : [{ message: refusalWords(text, deploy) }]
      setFromServer(list.map((problem) => ({ problem, node: problem.nodeId === undefined ? undefined : model.get(problem.nodeId) })))
    } else if (deploy.is === 'done') setFromServer([])
  }, [deploy, model, text])
  useEffect(() => {
    if (lastCheck) setFromServer(lastCheck.problems.map((problem) => ({ problem, node: problem.nodeId === undefined ? undefined : model.get(problem.nodeId) })))
  }, [lastCheck, model])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the model's content
  useEffect(() => {
    const timer = setTimeout(() => {
      const here = findProblems(model, workspace.types, words)
      const still = fromServer.filter(
        ({ problem, node }) => problem.nodeId === undefined || (model.get(problem.nodeId) === node && !here.some((one) => one.nodeId === problem.nodeId)),
      )
      workspace.setProblems([...here, ...still.map(({ problem }) => ({ ...problem, message: findingWords(text, problem) }))])
    }, 150)
    return () => clearTimeout(timer)
  }, [workspace, model, version, words, fromServer, text])
}
