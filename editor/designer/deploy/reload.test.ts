import { afterEach, expect, test, vi } from 'vitest'
import { Workspace } from '../workspace.ts'
import { FlowSession } from './session.ts'

const runtime = { process: 'running', flows: 'running' } as const
/** What is waited for comes late on a busy machine. */
const soon = { timeout: 15_000 }
const flows = (name: string) => [
  { id: 't', type: 'tab', label: 'Flow' },
  { id: 'a', type: 'inject', z: 't', name, x: 0, y: 0, wires: [[]] },
]

afterEach(() => vi.unstubAllGlobals())

test('of two deploys of others soon after each other the second stays, whichever answer comes first', async () => {
  const answers: ((rev: number) => void)[] = []
  vi.stubGlobal('fetch', async (path: string) => {
    if (path === '/api/node-types') return Response.json([])
    if (path === '/api/flows/draft') return Response.json({ draft: null })
    const rev = await new Promise<number>((answer) => answers.push(answer))
    return Response.json({ flows: flows(`of ${rev}`), rev: String(rev), versionId: `v${rev}`, runtime })
  })
  const workspace = new Workspace()
  const session = new FlowSession(workspace)
  const open = session.open()
  await vi.waitFor(() => expect(answers).toHaveLength(1), soon)
  answers[0]?.(1)
  await open
  const shown: unknown[] = []
  workspace.on('model', () => {
    const name = workspace.model.get('a')?.name
    if (name !== shown.at(-1)) shown.push(name)
  })

  session.heard({ runtime, rev: '2' })
  session.heard({ runtime, rev: '3' })
  await vi.waitFor(() => expect(answers).toHaveLength(3), soon)
  answers[2]?.(3)
  await vi.waitFor(() => expect(shown).toEqual(['of 3']), soon)
  answers[1]?.(2)
  // what the late answer did is done when a later one is
  session.heard({ runtime, rev: '4' })
  await vi.waitFor(() => expect(answers).toHaveLength(4), soon)
  answers[3]?.(4)
  await vi.waitFor(() => expect(shown.at(-1)).toBe('of 4'), soon)
  expect(shown).toEqual(['of 3', 'of 4'])
  await session.draft.settle()
})
