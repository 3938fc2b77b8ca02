/** What each role may do, made from the server's own table. */
import { Button } from '@mantine/core'
import { Check, Plus } from 'lucide-react'
import { Fragment } from 'react'
import { CAPABILITIES, type Capability } from '../../../server/api/access.ts'
import type { Known } from './people-list.tsx'
import { useCapabilityText, usePeopleText, useRoleName } from './words.ts'

/** By what they are about, in the server's order. */
export const AREAS: readonly (readonly [string, readonly Capability[]])[] = [
  ...Map.groupBy(Object.keys(CAPABILITIES) as Capability[], (capability) => capability.split('.')[0] ?? ''),
]

export function RoleMatrix({ roles, onMake, onChange }: Known & { onMake: () => void; onChange: (id: string) => void }) {
  const text = usePeopleText().matrix
  const words = useCapabilityText()
  const roleName = useRoleName()
  return (
    <section className="settings-card" aria-labelledby="roles-title">
      <div className="settings-head">
        <div>
          <h3 id="roles-title">{text.title}</h3>
          <p className="settings-dim">{text.hint}</p>
        </div>
        <Button leftSection={<Plus size={16} aria-hidden />} onClick={onMake} data-testid="make-role">
          {text.make}
        </Button>
      </div>
      {/* reached by the keyboard, so that it can be scrolled with it */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls */}
      <section className="people-matrix-box" tabIndex={0} aria-label={text.title}>
        <table className="people-matrix" data-testid="role-matrix">
          <thead>
            <tr>
              <th scope="col">{text.right}</th>
              {roles.map(({ id, isOurs }) => (
                <th scope="col" key={id}>
                  {roleName(id, roles)}
                  <div className="settings-dim">{isOurs ? text.ours : text.own}</div>
                  {!isOurs && (
                    <Button size="compact-sm" variant="default" onClick={() => onChange(id)} data-testid={`change-${id}`}>
                      {text.change}
                    </Button>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {AREAS.map(([area, capabilities]) => (
              <Fragment key={area}>
                <tr>
                  <th scope="rowgroup" colSpan={roles.length + 1} className="people-area">
                    {words.areas[area] ?? area}
                  </th>
                </tr>
                {capabilities.map((capability) => (
                  <tr key={capability}>
                    <th scope="row">{words.may[capability]}</th>
                    {roles.map((role) => (
                      <td key={role.id}>
                        {role.capabilities.includes(capability) ? (
                          <>
                            <Check size={16} aria-hidden />
                            <span className="settings-only-read">{text.yes}</span>
                          </>
                        ) : (
                          <span className="settings-only-read">{text.no}</span>
                        )}
                      </td>
                    ))}
                  </tr>
                ))}
              </Fragment>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  )
}
