/** The serial ports of this host, with what their ids tell. */
import { messageOf, OperationalError } from '../../../../base/errors.ts'
import type { SerialPortInfo } from '../../survey.ts'
import { adapterFacts, type ListPorts, listPorts, stablePaths } from '../links/index.ts'

/** @throws OperationalError `ports-unknown` when the system cannot be asked */
export async function surveyPorts(list: ListPorts = listPorts, stable: () => Promise<Map<string, string>> = stablePaths): Promise<SerialPortInfo[]> {
  let ports: Awaited<ReturnType<ListPorts>>
  try {
    ports = await list()
  } catch (error) {
    throw new OperationalError({ code: 'ports-unknown', message: `The system does not tell which serial ports it has: ${messageOf(error)}.`, cause: error })
  }
  const names = await stable()
  return ports.map((port): SerialPortInfo => {
    const stablePath = names.get(port.path)
    const facts = adapterFacts(port)
    return {
      ...port,
      ...(stablePath ? { stablePath } : {}),
      ...(facts ? { looksLike: facts.looksLike, likelyResetsOnOpen: facts.resetsOnOpen } : {}),
    }
  })
}
