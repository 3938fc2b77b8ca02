/** One property before and after; of code the lines that went and came. */
import { diffLines, type LineChange } from './line-diff.ts'
import { useDeployText } from './text.ts'

/** Equal lines shown around a change. */
const AROUND = 2
const MOST_LINES = 60

export function PropertyDiff({ name, before, after }: { name: string; before: unknown; after: unknown }) {
  const words = useDeployText().diff
  const [was, is] = [shown(before), shown(after)]
  const isText = (was?.includes('\n') || is?.includes('\n')) && was !== undefined && is !== undefined
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {isText ? (
          <Lines changes={diffLines(was, is)} />
        ) : (
          <>
            <del ref={reachable}>
              <span className="only-read">{words.was}: </span>
              {was ?? words.nothing}
            </del>
            <ins ref={reachable}>
              <span className="only-read">{words.is}: </span>
              {is ?? words.nothing}
            </ins>
          </>
        )}
      </dd>
    </>
  )
}

/** What is too long for its place is scrolled by keys, too. */
function reachable(element: HTMLElement | null): void {
  if (element && element.scrollHeight > element.clientHeight) element.tabIndex = 0
}

export function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value, null, typeof value === 'object' ? 1 : 0)
}

function Lines({ changes }: { changes: readonly LineChange[] }) {
  const words = useDeployText().diff
  const isNear = changes.map((_, index) => changes.slice(Math.max(0, index - AROUND), index + AROUND + 1).some(({ kind }) => kind !== 'same'))
  const lines = changes.map((change, index) => ({ ...change, index })).filter(({ index }) => isNear[index])
  return (
    <pre className="diff-lines">
      {lines.slice(0, MOST_LINES).map(({ kind, text, index }, at) => (
        <span key={index} data-kind={kind} data-gap={(at > 0 && (lines[at - 1]?.index ?? 0) < index - 1) || undefined}>
          {kind === 'added' ? '+ ' : kind === 'removed' ? '− ' : '  '}
          {text}
          {'\n'}
        </span>
      ))}
      {lines.length > MOST_LINES && <em>{words.long(lines.length - MOST_LINES)}</em>}
    </pre>
  )
}
