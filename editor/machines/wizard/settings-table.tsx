/** The controller's settings with names and units, and a search over them. For reading only. */
import { TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useState } from 'react'
import type { FirmwareSetting } from '../../../server/api/motion.ts'
import { searchSettings } from '../detail/search-settings.ts'
import { useMachinesText } from '../use-machines-text.ts'

export function SettingsTable({ settings }: { settings: readonly FirmwareSetting[] }) {
  const text = useMachinesText().firmware
  const [wanted, setWanted] = useState('')
  const shown = searchSettings(settings, wanted)
  if (!settings.length) return <p className="mf-hint">{text.none}</p>
  return (
    <>
      <TextInput
        aria-label={text.search}
        placeholder={text.search}
        leftSection={<Search size={16} aria-hidden />}
        value={wanted}
        onChange={(event) => setWanted(event.currentTarget.value)}
      />
      <div className="m-table-box">
        <table className="m-table cw-numbers" data-testid="settings-table">
          <thead>
            <tr>
              <th scope="col">{text.number}</th>
              <th scope="col">{text.meaning}</th>
              <th scope="col" className="m-right">
                {text.value}
              </th>
              <th scope="col">{text.unit}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((setting) => (
              <tr key={setting.number}>
                <td>${setting.number}</td>
                <td>{setting.name ?? text.unnamed}</td>
                <td className="m-right">{setting.value}</td>
                <td>{setting.unit ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length === 0 && <p className="mf-hint">{text.noMatch}</p>}
    </>
  )
}
