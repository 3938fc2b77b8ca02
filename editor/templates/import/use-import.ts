/** An import under way: what it does now, and how it ended. */
import { useState } from 'react'
import { type ImportRequest, importTemplate, type TemplateImport } from '../../../server/api/templates/index.ts'
import type { DeployStage } from '../../../server/api/together.ts'
import { type ApiError, call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { asApiError } from '../use-templates.ts'

export type Target = 'deploy' | 'draft'
type ImportState =
  | { is: 'idle' }
  | { is: 'under-way'; to: Target; since: number }
  | { is: 'failed'; error: ApiError }
  | { is: 'done'; to: Target; made: TemplateImport; panelProblems: readonly string[] }

export interface Importing {
  state: ImportState
  /** Of the deploy that it makes. */
  stage: DeployStage | undefined
  run: (request: ImportRequest, to: Target, rev: string) => void
}

export function useImport(templateId: string, onDone: () => void): Importing {
  const [state, setState] = useState<ImportState>({ is: 'idle' })
  const last = useLive('deploys', (_, change) => [change]).value?.at(-1)
  const run = (request: ImportRequest, to: Target, rev: string) => {
    setState({ is: 'under-way', to, since: Date.now() })
    call(importTemplate, { params: { templateId }, body: { ...request, to, rev } }).then(
      (answer) => {
        setState({ is: 'done', to, made: answer.import, panelProblems: answer.panelProblems })
        onDone()
      },
      (error: unknown) => setState({ is: 'failed', error: asApiError(error) }),
    )
  }
  const isOurs = state.is === 'under-way' && state.to === 'deploy' && last !== undefined && Date.parse(last.at) >= state.since - 1000
  return { state, stage: isOurs ? last.stage : undefined, run }
}
