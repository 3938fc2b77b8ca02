/** How an offset stands, told from its rows since the last reset. Pure. */

/** A row, with its place among the points of the characteristic that asks now. */
export interface CorrectionEvent {
  kind: 'seen' | 'proposed' | 'applied' | 'found' | 'refused' | 'lapsed' | 'moved' | 'reset'
  proposalId: string
  characteristicId: string
  /** Points up to this one were measured before it. */
  place: number
  byMm: number | null
  fromMm: number | null
  toMm: number | null
  at: Date
}

export interface Stand {
  /** A proposal that nobody has answered. */
  open?: CorrectionEvent
  /** What was moved in all. */
  sumMm: number
  /** The last that says where the offset is. */
  known?: CorrectionEvent
  /** What the offset was moved by, since that point. */
  moves: { after: number; byMm: number }[]
  /** Nobody knows whether these points (`from` not counted, `to` counted) are from before or after a move. */
  unclear: { from: number; to: number }[]
  /** Points up to this one do not count. */
  floor: number
}

/** What a controller that reports inches loses: half of a ten-thousandth of one. A thousandth of a millimetre that somebody moved is left out. */
const SAME_MM = 0.0013

/** Which of two places it is at: the nearer, where both are near. */
function placeOf(nowMm: number, { fromMm, toMm }: { fromMm: number | null; toMm: number | null }): 'from' | 'to' | 'elsewhere' {
  const [from, to] = [fromMm, toMm].map((mm) => (mm === null ? Number.POSITIVE_INFINITY : Math.abs(nowMm - mm)))
  if (from === undefined || to === undefined || Math.min(from, to) > SAME_MM) return 'elsewhere'
  return to <= from ? 'to' : 'from'
}

/**
 * @param events oldest first
 * @param late parts that were made before a move and are measured after it
 */
export function standOf(events: readonly CorrectionEvent[], characteristicId: string, late: number): Stand {
  const stand: Stand = { sumMm: 0, moves: [], unclear: [], floor: 0 }
  const proposed = new Map<string, CorrectionEvent>()
  const moved = new Set<string>()
  for (const event of events) {
    const { kind, proposalId, place } = event
    if (stand.open?.proposalId === proposalId && kind !== 'proposed') delete stand.open
    switch (kind) {
      case 'proposed':
        proposed.set(proposalId, event)
        stand.open = event
        break
      case 'applied':
      case 'found': {
        // seen at the machine, and told as well: it was moved once
        if (moved.has(proposalId)) break
        moved.add(proposalId)
        const byMm = event.byMm ?? 0
        stand.sumMm += byMm
        stand.moves.push({ after: place + late, byMm })
        if (kind === 'found') stand.unclear.push({ from: proposed.get(proposalId)?.place ?? 0, to: place + late })
        stand.known = event
        break
      }
      case 'refused':
        // whoever refused had seen these points
        if (event.characteristicId === characteristicId) stand.floor = Math.max(stand.floor, place)
        break
      case 'moved':
        // by whom and when, nobody knows: what was measured before says nothing of how it is now
        stand.floor = Math.max(stand.floor, place + late)
        stand.known = event
        break
      case 'reset':
        stand.sumMm = 0
        stand.moves = []
        stand.unclear = []
        stand.floor = Math.max(stand.floor, place)
        delete stand.open
        delete stand.known
        break
      case 'seen':
        stand.known = event
        break
      case 'lapsed':
        // it may have been set all the same, where nobody can see it
        stand.floor = Math.max(stand.floor, place)
        break
      default:
        return kind satisfies never
    }
  }
  stand.sumMm = Number(stand.sumMm.toFixed(6))
  return stand
}

/** What the machine shows: what follows is to be kept, or what is to be waited for. */
export interface Seen {
  says: (Pick<CorrectionEvent, 'kind'> & Partial<Pick<CorrectionEvent, 'proposalId' | 'byMm' | 'fromMm' | 'toMm'>>)[]
  waits?: { why: 'open' | 'not-seen'; since: Date }
}

/**
 * @param options.nowMm where the offset is; null: the machine does not tell
 * @param options.isOver has one waited long enough since then?
 */
export function whatIsSeen(
  { open, known }: Stand,
  { nowMm, isTool, isOver }: { nowMm: number | null; isTool: boolean; isOver: (since: Date) => boolean },
): Seen {
  if (open) {
    const { proposalId, byMm, fromMm, toMm, at } = open
    // a proposal without a place was made while the machine did not tell it
    const place = nowMm === null || fromMm === null ? 'from' : placeOf(nowMm, open)
    if (place === 'to') return { says: [{ kind: 'found', proposalId, byMm, fromMm, toMm }] }
    if (place === 'elsewhere')
      return {
        says: [
          { kind: 'lapsed', proposalId },
          { kind: 'moved', fromMm, toMm: nowMm },
        ],
      }
    return isOver(at) ? { says: [{ kind: 'lapsed', proposalId }] } : { says: [], waits: { why: 'open', since: at } }
  }
  if (nowMm === null) return { says: [] }
  if (!known || known.toMm === null) return { says: [{ kind: 'seen', toMm: nowMm }] }
  const place = placeOf(nowMm, { toMm: known.toMm, fromMm: known.kind === 'applied' ? known.fromMm : null })
  if (place === 'to') return { says: [] }
  if (place === 'from') {
    // it was entered into the tool table of the control
    if (isTool) return { says: [] }
    if (!isOver(known.at)) return { says: [], waits: { why: 'not-seen', since: known.at } }
  }
  return { says: [{ kind: 'moved', fromMm: known.toMm, toMm: nowMm }] }
}

/** Does this point count? */
export const counts = ({ floor, unclear }: Stand, point: number): boolean => point > floor && !unclear.some(({ from, to }) => point > from && point <= to)

/** What the offset was moved in all since this point. */
export const movedSince = ({ moves }: Stand, point: number): number => moves.reduce((sum, { after, byMm }) => (point <= after ? sum + byMm : sum), 0)
