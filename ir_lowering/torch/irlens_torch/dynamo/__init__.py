"""What torch.compile makes of an entry: graphs per frame, guards, AOT graphs, Inductor's code.

capture.py runs the model once under torch.compile and notes what passes by; the other files
make one stage each of that. Imported in the processes of these stages only.
"""
