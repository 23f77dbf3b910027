export function reasonToInstall(root: string): string | undefined;
export function findNode24(root: string, version?: string, own?: string): string | undefined;
export function tooOld(version: string): string | undefined;
