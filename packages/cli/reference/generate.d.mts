export declare function referencePages(): Promise<Map<string, string>>;
export declare function referenceFile(name: string): URL;
