/** Opens a side panel; one that is open stays so, where pressing its button would close it. */
import type { DesignerHost } from '../host/designer-host.ts'

export function showPanel(host: DesignerHost, id: string): void {
  if (!document.querySelector(`[data-testid="${id}"][aria-pressed="true"]`)) host.page?.openPanel(id)
}
