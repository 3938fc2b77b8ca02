/** What is to be done at a machine and how it went today: its queue, the work orders, the measurements. */
import { ListOrdered } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import type { Me } from '../../../server/api/people.ts'
import type { RunSummary } from '../../../server/api/runs.ts'
import { type Job, listJobs, listWorkOrders, type WorkOrderView } from '../../../server/api/work.ts'
import { call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { may } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { QualityList } from '../quality/quality-list.tsx'
import { RecentRuns } from '../recent-runs.tsx'
import { usePanelText } from '../use-operator-text.ts'

/** Bursts of changes are one look. */
const SETTLE_MS = 300
/** What tells nothing live is read again so often. */
const LOOK_EVERY_MS = 10_000

/** Reads something, and again whenever `sign` changes or the time has come; an older answer never replaces a newer one. */
function useRead<Value>(read: () => Promise<Value>, sign: unknown, isWanted: boolean, everyMs?: number): Value | undefined {
  const [value, setValue] = useState<Value>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `sign` says when to read again
  useEffect(() => {
    if (!isWanted) return
    let isOver = false
    const look = () =>
      read().then(
        (found) => isOver || setValue(found),
        // the banner tells of a lost line; the next change reads again
        () => undefined,
      )
    const timer = setTimeout(look, value === undefined ? 0 : SETTLE_MS)
    const again = everyMs === undefined ? undefined : setInterval(look, everyMs)
    return () => {
      isOver = true
      clearTimeout(timer)
      clearInterval(again)
    }
  }, [sign, isWanted])
  return value
}

export function WorkTab({ machine, me, runs }: { machine: MachineView; me: Me | undefined; runs: RunSummary[] | undefined }) {
  return (
    <div className="op-work" data-testid="work">
      <QueueCard machine={machine} me={me} />
      <QualityCard machineId={machine.id} />
      <OrdersCard me={me} />
      {runs && <RecentRuns runs={runs} />}
    </div>
  )
}

/** The second in which jobs last changed: a running program tells how far it is many times a second. */
function useJobsChanged(mayJobs: boolean): number {
  const told = useLive('jobs', undefined, mayJobs)
  return Math.floor((told.at?.getTime() ?? 0) / 1000)
}

export function QueueCard({ machine, me }: { machine: MachineView; me: Me | undefined }) {
  const text = usePanelText().work
  const mayJobs = may(me, 'jobs.view')
  const second = useJobsChanged(mayJobs)
  const queue = useRead(
    () => call(listJobs, { query: { machineId: machine.id, isEnded: false, limit: 20 } }),
    `${machine.id} ${second}`,
    mayJobs,
    LOOK_EVERY_MS,
  )
  return (
    <section className="op-card" aria-labelledby="work-queue">
      <header>
        <h2 id="work-queue">{text.queue}</h2>
        <a href="/jobs">
          <ListOrdered size={20} aria-hidden /> {text.allJobs}
        </a>
      </header>
      <Queue jobs={queue} />
    </section>
  )
}

export function QualityCard({ machineId }: { machineId: string }) {
  const text = usePanelText().work
  return (
    <section className="op-card" aria-labelledby="work-quality">
      <h2 id="work-quality">{text.quality}</h2>
      <QualityList machineId={machineId} />
    </section>
  )
}

export function OrdersCard({ me }: { me: Me | undefined }) {
  const text = usePanelText().work
  const mayJobs = may(me, 'jobs.view')
  const second = useJobsChanged(mayJobs)
  const orders = useRead(() => call(listWorkOrders, { query: { limit: 20 } }), second, mayJobs, LOOK_EVERY_MS)
  return (
    <section className="op-card" aria-labelledby="work-orders">
      <h2 id="work-orders">{text.orders}</h2>
      <Orders orders={orders} />
    </section>
  )
}

function Queue({ jobs }: { jobs: Job[] | undefined }) {
  const text = usePanelText().work
  const format = formats(useLanguage())
  if (!jobs) return <p className="op-why">{text.loading}</p>
  // the one at work first, then as they will come: lowest priority number, oldest
  const shown = [...jobs].sort(
    (a, b) => Number(b.state === 'active') - Number(a.state === 'active') || a.priority - b.priority || a.createdAt.localeCompare(b.createdAt),
  )
  if (!shown.length) return <p className="op-why">{text.emptyQueue}</p>
  return (
    <ol className="op-rows" data-testid="queue">
      {shown.map((job) => (
        <li key={job.id} data-active={job.state === 'active' || undefined}>
          <strong>{job.name}</strong>
          <span>{text.states[job.state]}</span>
          <span className="cw-numbers">{job.estimateS === undefined ? '' : format.span(job.estimateS)}</span>
        </li>
      ))}
    </ol>
  )
}

function Orders({ orders }: { orders: WorkOrderView[] | undefined }) {
  const text = usePanelText().work
  const format = formats(useLanguage())
  if (!orders) return <p className="op-why">{text.loading}</p>
  if (!orders.length) return <p className="op-why">{text.noOrders}</p>
  return (
    <ol className="op-rows" data-testid="orders">
      {orders.slice(0, 8).map(({ id, order, state }) => (
        <li key={id}>
          <strong>{order.number}</strong>
          <span>
            {text.pieces(String(order.quantity), order.part)}
            {order.dueDate ? ` · ${text.due(format.day(order.dueDate))}` : ''}
          </span>
          <span>{text.orderStates[state]}</span>
        </li>
      ))}
    </ol>
  )
}
