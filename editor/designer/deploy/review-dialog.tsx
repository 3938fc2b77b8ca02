/** The check list before a deploy: what was looked at and what was found, what goes out, how, and why. */
import { Button, Checkbox, Modal, SegmentedControl, Textarea, UnstyledButton } from '@mantine/core'
import { CircleAlert, CircleCheck, CircleX, Info, RotateCw } from 'lucide-react'
import { useState } from 'react'
import { upsertBy, useLive } from '../../shared/live.ts'
import { may, useMe } from '../../shared/me.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { overlaps } from '../collab/overlaps.ts'
import { usePeople } from '../collab/use-people.ts'
import { DEBUGGER_PANEL } from '../debugger/actions.ts'
import { useHost } from '../host/use-host.ts'
import { byId, diffFlows } from '../model/diff.ts'
import { useDesignerText } from '../text.ts'
import { useSession } from '../use-session.ts'
import { useWorkspace } from '../use-workspace.ts'
import type { DeployKind, Review } from './deploy-state.ts'
import { DiffList } from './diff-list.tsx'
import { droppedBy } from './drops.ts'
import { findingWords, useFindingText } from './finding-words.ts'
import { isListAlwaysShown, setListAlwaysShown } from './list-wanted.ts'
import { type Finding, type Row, type RowState, reviewRows } from './review-rows.ts'
import { showPanel } from './show-panel.ts'
import { useDeployText } from './text.ts'
import { onShownPlace, titleOf } from './title-of.ts'

const KINDS: DeployKind[] = ['nodes', 'flows', 'full']
const ICONS = { good: CircleCheck, hint: Info, confirm: CircleAlert, blocks: CircleX } as const
const MOVING = new Set(['run', 'jog', 'home'])
const MOST = 6

/** As the server asks for it in production. */
const LEAST_REASON = 3

export function ReviewDialog() {
  const session = useSession()
  if (session.deploy.is !== 'review') return null
  return <ReviewBody key={session.deploy.review.check.at.getTime()} review={session.deploy.review} />
}

function ReviewBody({ review }: { review: Review }) {
  const text = useDesignerText()
  const words = useDeployText()
  const common = useCommonText()
  const host = useHost()
  const session = useSession()
  const workspace = useWorkspace('problems', 'model', 'types')
  const { model } = workspace
  const [kind, setKind] = useState(review.kind)
  const [comment, setComment] = useState(review.comment)
  const [isConfirmed, setConfirmed] = useState(false)
  const [isAlways, setAlways] = useState(isListAlwaysShown)
  const rows = useRows(review, kind)
  const diff = diffFlows(model.deployed(), new Map(model.export().map((node) => [node.id, node])))
  const blocks = rows.filter(({ state }) => state === 'blocks').reduce((sum, { findings }) => sum + Math.max(findings.length, 1), 0)
  const mustConfirm = rows.some(({ state }) => state === 'confirm')
  const { needsReason } = review.check
  const whyNot =
    blocks > 0
      ? words.review.blocked(blocks)
      : mustConfirm && !isConfirmed
        ? words.review.confirmFirst
        : needsReason && comment.trim().length < LEAST_REASON
          ? words.review.whyFirst
          : undefined
  const close = () => {
    session.dismiss()
    host.focus()
  }
  const show = (id: string, way?: readonly string[]) => {
    close()
    workspace.reveal(id)
    if (way) workspace.select(onShownPlace(workspace, way))
    else host.page?.edit(id)
  }
  const deploy = () => {
    if (whyNot === undefined) void session.confirm(kind, comment.trim())
  }
  return (
    <Modal opened onClose={close} title={words.review.title} size={720} closeButtonProps={{ 'aria-label': common.close }}>
      <form
        className="review"
        data-testid="review"
        onSubmit={(event) => {
          event.preventDefault()
          deploy()
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) deploy()
        }}
      >
        <ul className="review-rows">
          {rows.map((row) => (
            <ReviewRow
              key={row.id}
              row={row}
              onShow={show}
              onLook={() => {
                close()
                showPanel(host, DEBUGGER_PANEL)
              }}
            />
          ))}
        </ul>
        <div className="review-changes">
          <details>
            <summary>{words.review.changes(diff.length)}</summary>
            {diff.length > 0 ? (
              <DiffList diff={diff} before={model.deployed()} onShow={({ id }) => show(id)} />
            ) : (
              <p className="diff-none">{words.review.restart}</p>
            )}
          </details>
          {diff.length > 0 && (
            <Button
              variant="subtle"
              size="compact-sm"
              onClick={() => {
                close()
                session.comparison.begin({ is: 'running' })
              }}
              data-testid="review-compare"
            >
              {words.review.onCanvas}
            </Button>
          )}
        </div>
        <div className="review-how">
          <span id="review-kind">{words.review.kind}</span>
          <SegmentedControl
            aria-labelledby="review-kind"
            value={kind}
            onChange={(next) => {
              setKind(next as DeployKind)
              session.setKind(next as DeployKind)
            }}
            data={KINDS.map((value) => ({ value, label: text.deploy[value] }))}
          />
          <p>{text.deploy[`${kind}Text`]}</p>
        </div>
        <Textarea
          label={words.review.why}
          description={needsReason ? words.review.whyNeeded : words.review.whyHint}
          required={needsReason}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          maxLength={500}
          autosize
          minRows={1}
          maxRows={4}
          data-testid="review-why"
          data-autofocus
        />
        {mustConfirm && (
          <Checkbox
            checked={isConfirmed}
            onChange={(event) => setConfirmed(event.currentTarget.checked)}
            label={words.review.confirm}
            data-testid="review-confirm"
          />
        )}
        <Checkbox
          size="xs"
          checked={isAlways}
          label={words.review.always}
          onChange={(event) => {
            setAlways(event.currentTarget.checked)
            setListAlwaysShown(event.currentTarget.checked)
          }}
        />
        <div className="review-foot">
          <span className="review-why-not" role="status">
            {whyNot}
          </span>
          <Button
            variant="subtle"
            color="gray"
            leftSection={<RotateCw size={14} aria-hidden />}
            onClick={() => void session.review(kind)}
            data-testid="review-again"
          >
            {words.review.again}
          </Button>
          <Button variant="default" onClick={close} data-testid="review-cancel">
            {words.review.cancel}
          </Button>
          <Button aria-disabled={whyNot !== undefined} {...(whyNot !== undefined && { 'data-disabled': true })} type="submit" data-testid="review-deploy">
            {words.review.deploy}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

function ReviewRow({ row, onShow, onLook }: { row: Row; onShow: (id: string, way?: readonly string[]) => void; onLook: () => void }) {
  const words = useDeployText().review
  const { askEngineer } = useFindingText()
  const { model, types } = useWorkspace('model', 'types')
  const nameOf = (id: string) => {
    const node = model.get(id)
    return node ? titleOf(node, types) : id
  }
  const Icon = ICONS[row.state]
  const check = words.checks[row.id]
  return (
    <li data-state={row.state} data-testid={`check-${row.id}`}>
      <Icon size={18} aria-hidden />
      <div>
        <span className="review-title">
          <strong>{check.title}</strong> <em>{words.ways[row.state satisfies RowState]}</em>
        </span>
        {row.findings.length === 0 && <p>{row.known > 0 ? words.known(row.known) : check.good}</p>}
        {row.findings.slice(0, MOST).map(({ nodeId, message, way }) => (
          <p key={`${nodeId} ${message}`}>
            {nodeId !== undefined && model.get(nodeId) && (
              <>
                <UnstyledButton className="review-finding" onClick={() => onShow(nodeId, way)}>
                  {nameOf(nodeId)}
                </UnstyledButton>{' '}
              </>
            )}
            {message}
          </p>
        ))}
        {row.findings.length > MOST && <p>{words.more(row.findings.length - MOST)}</p>}
        {row.findings.length > 0 && row.known > 0 && <p>{words.known(row.known)}</p>}
        {row.id === 'waiting' && row.findings.length > 0 && (
          <Button variant="default" size="compact-sm" onClick={onLook} data-testid="review-look-first">
            {words.lookFirst}
          </Button>
        )}
        {row.id === 'rights' && row.findings.length > 0 && <p>{askEngineer}</p>}
      </div>
    </li>
  )
}

function useRows({ check }: Review, kind: DeployKind): Row[] {
  const words = useDeployText()
  const designer = useDesignerText()
  const findings = useFindingText()
  const session = useSession()
  const workspace = useWorkspace('problems', 'model', 'types')
  const { model, types, problems } = workspace
  const { me } = useMe()
  const people = usePeople()
  const machines = useLive(
    'machines',
    upsertBy((machine) => machine.id),
    may(me, 'machines.view'),
  )
  const { value: held } = useLive('debugger', undefined, may(me, 'flows.view'))
  const before = model.deployed()
  const drops = held && droppedBy({ kind, waitingAt: held.waitingAt, diff: diffFlows(before, byId(check.flows)), before })
  const dropped: Finding[] = [...(drops ?? [])].map(([nodeId, count]) => ({ nodeId, message: words.review.dropsAt(count) }))
  const dropCount = [...(drops?.values() ?? [])].reduce((sum, count) => sum + count, 0)
  if (dropCount > 0) dropped.unshift({ nodeId: undefined, message: words.review.drops(dropCount, kind !== 'full') })
  const nameOf = (id: string) => {
    const node = model.get(id)
    return node ? titleOf(node, types) : id
  }
  const others: Finding[] = overlaps(people, model.dirty).map(({ name, ids }) => ({
    nodeId: ids[0],
    message: words.review.also(name, `${ids.slice(0, 4).map(nameOf).join(', ')}${ids.length > 4 ? ' …' : ''}`),
  }))
  if (session.newer) others.unshift({ nodeId: undefined, message: words.review.newer(session.newer.by ?? designer.conflict.someone) })
  const { progress } = session
  if (progress && ['checking', 'saving', 'starting', 'undoing'].includes(progress.stage))
    others.push({ nodeId: undefined, message: words.review.deploying(progress.by) })
  const moving = (machines.value ?? []).filter(({ state }) => state !== undefined && MOVING.has(state.controller))
  return reviewRows({
    check,
    say: (found) => findingWords(findings, found),
    here: problems,
    people: others,
    hasNewer: session.newer !== undefined,
    dropped,
    tests:
      check.tests.length === 0
        ? []
        : [words.review.testsRun(check.tests.length), ...check.tests.map(({ name }) => name)].map((message) => ({ nodeId: undefined, message })),
    running: moving.map(({ name }) => ({ nodeId: undefined, message: words.review.moves(name) })),
  })
}
