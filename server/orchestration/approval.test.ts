/** `cw-approval` over the real store: who may approve, how many, and that it outlives restarts. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Rig, startRig } from './testing.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig?.close())
afterEach(async () => {
  rig.resetClock()
  for (const { id } of await rig.steps()) await rig.ask('endStep', { params: { stepId: id }, body: { reason: 'end of the test' } }).catch(() => undefined)
})

let count = 0
const sink = { id: 'sink', type: 'debug', active: false, tosidebar: false, wires: [] }
const approval = (more: object = {}) => ({
  id: 'ask',
  type: 'cw-approval',
  question: 'Release the batch?',
  questionType: 'str',
  notBy: 'pressedBy',
  notByType: 'msg',
  people: '1',
  reason: 'needed',
  wires: [['sink'], ['sink'], ['sink']],
  ...more,
})
const begin = async (more?: object) => {
  await rig.deploy([approval(more), sink])
  rig.red.give('ask', { _run: `run_approval${++count}`, pressedBy: 'Otto' })
  const [step] = await rig.untilOpen(1)
  return step?.id as string
}
const answer = (stepId: string, by: string, choice: 'yes' | 'no', comment?: string) =>
  rig.ask('answerAsk', { params: { stepId }, body: { answerId: `answer-${by}-${choice}-${count}`, choice, ...(comment === undefined ? {} : { comment }) }, by })

describe('approval', () => {
  it('takes the yes of anybody but the one who did the work', async () => {
    const stepId = await begin()
    await expect(answer(stepId, 'Otto', 'yes')).rejects.toMatchObject({ code: 'not-allowed' })
    await answer(stepId, 'Paula', 'yes', 'looks good')
    expect(await rig.red.next('ask')).toMatchObject({
      approval: { isApproved: true, approvedBy: [{ by: 'Paula', comment: 'looks good', at: expect.any(String) }] },
    })
    expect((await rig.steps())[0]).toBeUndefined()
  })

  it('asks a second person after the first, over a restart, and never the same one twice', async () => {
    const stepId = await begin({ people: '2' })
    await answer(stepId, 'Paula', 'yes')
    await rig.until('the card for the second person', async () => (await rig.asks())[0]?.ask.title.includes('2 of 2'))
    await rig.restartRuntime()
    await rig.restartGateway()
    await rig.until('the step to be the node’s again', async () => (await rig.steps())[0]?.isNodeMissing === false)
    await expect(answer(stepId, 'Paula', 'no', 'no')).rejects.toMatchObject({ code: 'not-allowed' })
    expect(rig.red.sent.filter(({ from }) => from === 'ask')).toEqual([])
    await answer(stepId, 'Cem', 'yes')
    expect(await rig.red.next('ask')).toMatchObject({ approval: { isApproved: true, approvedBy: [{ by: 'Paula' }, { by: 'Cem' }] } })
  })

  it('is refused by one person, who has to say why', async () => {
    const stepId = await begin({ people: '2' })
    await expect(answer(stepId, 'Paula', 'no')).rejects.toMatchObject({ code: 'comment-missing' })
    await answer(stepId, 'Paula', 'no', 'bore too large')
    expect(await rig.red.next('ask', 1)).toMatchObject({
      approval: { isApproved: false, refusedBy: { by: 'Paula', comment: 'bore too large' }, approvedBy: [] },
    })
  })

  it('is over when nobody answers in time', async () => {
    await begin({ deadline: 60 })
    rig.pass(61_000)
    expect(await rig.red.next('ask', 2)).toMatchObject({ error: { message: expect.stringContaining('not approved within 1 min') } })
    await rig.untilOpen(0)
  })
})
