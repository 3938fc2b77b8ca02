/** Which palette modules may be installed and loaded. */

/** Always: ours, and what ships with the product: the dashboard, and the e-mail nodes in the one version that was reviewed (fence-table.ts). */
export const ALLOWED_MODULES: readonly string[] = ['@cellwright/*', '@flowfuse/node-red-dashboard', 'node-red-node-email@5.2.5']

/** Is it on such a list, whatever its version? */
export const isAllowedModule = (module: string, allowed: readonly string[]): boolean =>
  allowed.some((rule) => (rule.endsWith('/*') ? module.startsWith(rule.slice(0, -1)) : module === rule.replace(/(?<=.)@[^@/]*$/, '')))

/** May a module be installed? Exact names, one version of one (`name@1.2.3`: what ships already), or a scope with `/*`. */
export function mayInstall(module: string, allowed: readonly string[]): { allowed: boolean; reason?: string } {
  const isName = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/.test(module)
  const isListed = isAllowedModule(module, allowed)
  if (isName && isListed) return { allowed: true }
  return {
    allowed: false,
    reason: isName
      ? `The module ${module} is not on the list of modules that may be installed. An administrator can add it after a review.`
      : 'That is not the name of an npm module.',
  }
}
