/** English: what roles let people do, by what it is about. The sentences themselves are the server's (`server/api/access.ts`). */
import { CAPABILITIES } from '../../../../server/api/access.ts'

export const capabilities = {
  may: CAPABILITIES as Record<keyof typeof CAPABILITIES, string>,
  areas: {
    machines: 'Machines',
    programs: 'Programs',
    panel: 'Operator panel',
    panels: 'Arranging panels',
    flows: 'Flows',
    jobs: 'Jobs',
    runs: 'Runs',
    quality: 'Quality',
    connections: 'Connections',
    accounts: 'People',
    tokens: 'API tokens',
    system: 'Installation',
    audit: 'Audit log',
  } as Record<string, string>,
}
