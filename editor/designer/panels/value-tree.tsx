/** A value, opened level by level: nothing is drawn that is not opened. */
import { useState } from 'react'

const MOST = 100

export function ValueTree({ value, name, depth = 0 }: { value: unknown; name?: string; depth?: number }) {
  const [isOpen, setOpen] = useState(false)
  const label = name === undefined ? null : <span className="tree-name">{name}: </span>
  if (typeof value !== 'object' || value === null) {
    return (
      <div className="tree-leaf" data-type={value === null ? 'null' : typeof value}>
        {label}
        {typeof value === 'string' ? value : String(value)}
      </div>
    )
  }
  const entries = Object.entries(value)
  const summary = Array.isArray(value) ? `[${value.length}] ${preview(value)}` : `{${entries.length}} ${preview(value)}`
  return (
    <div className="tree">
      <button type="button" className="tree-toggle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {label}
        <span className="tree-summary">{summary}</span>
      </button>
      {isOpen && (
        <div className="tree-children">
          {entries.slice(0, MOST).map(([key, inner]) => (
            <ValueTree key={key} name={key} value={inner} depth={depth + 1} />
          ))}
          {entries.length > MOST && <div className="tree-leaf">… +{entries.length - MOST}</div>}
        </div>
      )}
    </div>
  )
}

function preview(value: object): string {
  const short = Object.entries(value)
    .slice(0, 4)
    .map(([key, inner]) => {
      const text = typeof inner === 'object' && inner !== null ? (Array.isArray(inner) ? '[…]' : '{…}') : String(inner)
      return Array.isArray(value) ? text.slice(0, 24) : `${key}: ${text.slice(0, 24)}`
    })
  return short.join(', ')
}
