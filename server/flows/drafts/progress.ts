/** How far the deploy is, told to everybody who has the designer open. The last one stays to be seen by who comes later. */
import { newId } from '../../../base/ids.ts'
import type { DeployProgress, DeployStage, FlowTestOutcome } from '../../api/index.ts'

export interface DeployFollower {
  at(stage: DeployStage, text?: string): void
  /** How its tests stand; told with the stage from then on. */
  tests(outcomes: readonly FlowTestOutcome[]): void
}

export interface Progress {
  last(): DeployProgress[]
  begin(deploy: { id?: string | undefined; by: string; kind: string; nodes: number; comment?: string | undefined }): DeployFollower
}

export function createProgress(publish: (progress: DeployProgress) => void): Progress {
  let last: DeployProgress | undefined
  return {
    last: () => (last ? [last] : []),
    begin({ id = newId('evt'), by, kind, nodes, comment }) {
      const startedAt = new Date().toISOString()
      let tests: FlowTestOutcome[] | undefined
      const tell = (stage: DeployStage, text?: string) => {
        const progress = {
          id,
          by,
          kind,
          nodes,
          stage,
          startedAt,
          at: new Date().toISOString(),
          ...(comment ? { comment } : {}),
          ...(text === undefined ? {} : { text }),
          ...(tests ? { tests } : {}),
        }
        // one that waits behind another is not what is going on
        if (stage !== 'waiting') last = progress
        publish(progress)
      }
      return {
        at: tell,
        tests(outcomes) {
          tests = [...outcomes]
          tell('testing')
        },
      }
    },
  }
}
